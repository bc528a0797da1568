#pragma once
#include <declare.h>
#include <elf.h>
#include <stddef.h>
#ifdef __LP64__
#define ElfW(type) Elf64_##type
#else
#define ElfW(type) Elf32_##type
#endif
typedef unsigned long _Unwind_Ptr;
struct dl_phdr_info {
    ElfW(Addr) dlpi_addr;
    const char *dlpi_name;
    const ElfW(Phdr) *dlpi_phdr;
    ElfW(Half) dlpi_phnum;
};
BEGIN_C
int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *data);
_Unwind_Ptr dl_unwind_find_exidx(_Unwind_Ptr pc, int *count);
END_C
