#pragma once
#include <declare.h>
#include <stddef.h>
BEGIN_C
void *malloc(size_t size);
void *memalign(size_t alignment, size_t size);
void free(void *block);
void abort(void) __attribute__((noreturn));
char *getenv(const char *name);
END_C
