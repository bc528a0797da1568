#pragma once
#include <declare.h>
#define O_RDONLY 0
#define O_CLOEXEC 02000000
BEGIN_C
int open(const char *path, int flags, ...);
END_C
