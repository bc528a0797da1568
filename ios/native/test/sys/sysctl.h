/* What clock.c reads of Apple's header, for its test on another system. */
#include <stddef.h>
enum { CTL_KERN = 1, KERN_BOOTTIME = 21 };
int sysctl(int *, unsigned, void *, size_t *, void *, size_t);
