// Windows that reach beyond an image.
#ifndef WINDOW_H
#define WINDOW_H

#include "CKernels.h"
#include "multiversion.h"

// The taps of a kernel that fall inside 0..<size, first..<last, of a window that starts at `start`; they
// lie `step` apart.
CK_INLINE void inside(
    ptrdiff_t start, size_t kernel, size_t size, ptrdiff_t step, size_t *first, size_t *last) {
  ptrdiff_t low = start < 0 ? -start : 0;
  ptrdiff_t high = (ptrdiff_t)size - start;
  if (step > 1) {
    low = (low + step - 1) / step;
    high = high > 0 ? (high + step - 1) / step : 0;
  }
  if (high > (ptrdiff_t)kernel) high = (ptrdiff_t)kernel;
  if (low > high) low = high < 0 ? 0 : high;
  *first = (size_t)low;
  *last = high < low ? (size_t)low : (size_t)high;
}

#endif
