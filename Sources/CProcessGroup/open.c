#include "cprocessgroup.h"

#include <dlfcn.h>

const pg_calls *pg_open(const char *path, const char **problem) {
  // Open MPI loads parts of itself that look for its symbols among the global ones.
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    *problem = dlerror();
    return NULL;
  }
  void *symbol = dlsym(library, PG_SYMBOL);
  if (!symbol) {
    *problem = "has no " PG_SYMBOL;
    return NULL;
  }
  const pg_calls *calls = ((pg_entry)symbol)();
  if (calls->version != PG_VERSION) {
    *problem = "is of another version of the program";
    return NULL;
  }
  return calls;
}
