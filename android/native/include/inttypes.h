#pragma once
#include <stdint.h>
#define PRIu8 "u"
#ifdef __LP64__
#define PRIx64 "lx"
#define PRIu64 "lu"
#define PRIdPTR "ld"
#define PRIuPTR "lu"
#define PRIxPTR "lx"
#else
#define PRIx64 "llx"
#define PRIu64 "llu"
#define PRIdPTR "d"
#define PRIuPTR "u"
#define PRIxPTR "x"
#endif
