#pragma once
#include <declare.h>
/* bionic: 40 bytes where a pointer has 4, 56 where it has 8; all zero is the initial state. */
typedef struct {
#ifdef __LP64__
    int state[14];
#else
    int state[10];
#endif
} __attribute__((aligned(8))) pthread_rwlock_t;
#define PTHREAD_RWLOCK_INITIALIZER {{0}}
BEGIN_C
int pthread_rwlock_rdlock(pthread_rwlock_t *lock);
int pthread_rwlock_wrlock(pthread_rwlock_t *lock);
int pthread_rwlock_unlock(pthread_rwlock_t *lock);
END_C
