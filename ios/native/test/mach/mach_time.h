/* What clock.c reads of Apple's header, for its test on another system. */
#include <stdint.h>
typedef struct {
    uint32_t numer, denom;
} mach_timebase_info_data_t;
int mach_timebase_info(mach_timebase_info_data_t *);
uint64_t mach_absolute_time(void);
