#pragma once
#include <declare.h>
typedef struct {
    const char *dli_fname;
    void *dli_fbase;
    const char *dli_sname;
    void *dli_saddr;
} Dl_info;
BEGIN_C
int dladdr(const void *address, Dl_info *found);
END_C
