// Chooses the kernels for this CPU.
#include "CKernels.h"

#include <string.h>

extern const ck_engine ck_engine_generic;
#if defined(__x86_64__)
extern const ck_engine ck_engine_avx2, ck_engine_avx512;
#endif

const ck_engine *ck_engine_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq");
  if (has_avx512 && (!name || strcmp(name, "avx512") == 0)) return &ck_engine_avx512;
  if (has_avx2 && (!name || strcmp(name, "avx2") == 0)) return &ck_engine_avx2;
#endif
  return !name || strcmp(name, "generic") == 0 ? &ck_engine_generic : NULL;
}
