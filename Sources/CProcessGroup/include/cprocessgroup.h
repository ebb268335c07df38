// What a library of message passing does for the program: found at run time, so that the program is
// built without it, and the library by whatever MPI a machine has.
#ifndef CPROCESSGROUP_H
#define CPROCESSGROUP_H

#include <stddef.h>

/// Raised when `pg_calls` changes.
#define PG_VERSION 1
/// The symbol of type `pg_entry` that a library has.
#define PG_SYMBOL "detector_process_group"
/// Bytes of a host's name with its end.
#define PG_HOST_BYTES 256

/// Where a process is among the others.
typedef struct {
  /// Its number, 0 ..< count.
  int rank;
  /// All processes.
  int count;
  /// Those on its host.
  int local_count;
  /// The host's name.
  char host[PG_HOST_BYTES];
} pg_place;

/// All but `start` must be called by every process in the same order. None returns if the connection
/// breaks: the process then ends with a line that says so.
typedef struct {
  /// `PG_VERSION` of the library.
  int version;
  /// Joins the others. NULL, or why it cannot. A process that has not been heard of for `patience`
  /// seconds ends all.
  const char *(*start)(double patience, pg_place *place);
  /// Fills `all` with `bytes` bytes of every process, in their order.
  void (*gather)(const void *mine, size_t bytes, void *all);
  /// The same with `sizes[r]` bytes of process r.
  void (*gather_parts)(const void *mine, const size_t *sizes, void *all);
  /// Overwrites `bytes` with those of process 0.
  void (*broadcast)(void *bytes, size_t count);
  /// Overwrites the values with their sums over the processes, added in their order one by one,
  /// whatever hosts they are on.
  void (*sum)(float *values, size_t count);
  /// Waits for the others and parts from them.
  void (*leave)(void);
} pg_calls;

typedef const pg_calls *(*pg_entry)(void);

/// Opens a library; it stays open. Its calls, or NULL and in `problem` why not, valid until the next
/// call.
const pg_calls *pg_open(const char *path, const char **problem);

#endif
