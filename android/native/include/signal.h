#pragma once
#define SIG_BLOCK 0
#define SIG_SETMASK 2
#define NSIG 64
/* As the kernel has it. */
typedef struct {
    unsigned long bits[64 / (8 * sizeof(long))];
} sigset_t;
