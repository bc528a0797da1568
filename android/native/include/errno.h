#pragma once
#include <declare.h>
#define EINTR 4
#define EIO 5
#define ENOMEM 12
#define EFAULT 14
#define EINVAL 22
#define ENOSYS 38
BEGIN_C
int *__errno(void);
END_C
#define errno (*__errno())
