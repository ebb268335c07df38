// The kernels in vectors of four, for any CPU; those with 32 registers hold larger blocks.
#include "CKernels.h"

#define VL 4
#if defined(__aarch64__)
#define MAX_ROWS 13
#else
#define MAX_ROWS 6
#endif
#define ENGINE generic
#include "engine_table.h"
