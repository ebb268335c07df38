// Compiles a kernel for several x86 levels and lets the loader choose; plain elsewhere.
#ifndef MULTIVERSION_H
#define MULTIVERSION_H

#if defined(__x86_64__) && !defined(CK_NO_MULTIVERSION) && !__has_feature(thread_sanitizer) && \
    !__has_feature(address_sanitizer)
#define CK_KERNEL \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_KERNEL
#endif

// The body of a kernel that takes the activation as an argument: inlined once for each function,
// so that the loop has no branch.
#define CK_INLINE static inline __attribute__((always_inline))

#endif
