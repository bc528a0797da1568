#pragma once
#include <declare.h>
#include <stdarg.h>
#include <stddef.h>
/* stderr is a symbol since API 23 only; the unwinder uses it for diagnostics, which fall away. */
typedef struct file FILE;
#define stderr ((FILE *)0)
#define fprintf(...) ((void)0)
#define fflush(file) ((void)0)
BEGIN_C
int snprintf(char *to, size_t size, const char *format, ...);
END_C
