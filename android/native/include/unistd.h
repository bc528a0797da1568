#pragma once
#include <declare.h>
#include <sys/types.h>
BEGIN_C
long syscall(long number, ...);
int close(int file);
ssize_t read(int file, void *buffer, size_t length);
END_C
