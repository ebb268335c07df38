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

// For loops that work in place: element i of the output depends on element i of the inputs only, so
// that arrays may be the same, which the compiler's own test for overlap would refuse to vectorise.
#define CK_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

// The body of a kernel that takes the activation as an argument: inlined once for each function,
// so that the loop has no branch.
#define CK_INLINE static inline __attribute__((always_inline))

#endif
