// The processes of an MPI job. `make mpi` builds this with the machine's mpicc, Open MPI's or MPICH's,
// into a library beside the program.
#include "cprocessgroup.h"

#include <limits.h>
#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/// Values of one round of a sum: what is received is held beside them.
#define ROUND_VALUES ((size_t)1 << 23)
/// Bytes of one call: MPI counts with int.
#define CALL_BYTES ((size_t)1 << 30)
/// Seconds between two signs of life.
#define BEAT_SECONDS 0.5
/// Seconds of waiting after which other threads are left the core.
#define SPIN_SECONDS 0.02

static MPI_Comm work_comm, beat_comm;
static int own_rank, rank_count;
static double patience_seconds;
static char (*hosts)[PG_HOST_BYTES];
static int *send_counts, *send_starts, *receive_counts, *receive_starts;
static float *received;
static size_t received_count;
static pthread_t beat_thread;
static atomic_bool is_leaving;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void nap(double seconds) {
  struct timespec time = {0, (long)(1e9 * seconds)};
  nanosleep(&time, NULL);
}

/// Ends all processes. MPI may wait for hosts that are gone: an alarm does not.
static _Noreturn void end_all(void) {
  alarm(5);
  MPI_Abort(MPI_COMM_WORLD, 1);
  _exit(1);
}

static void check(int code, const char *what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  fprintf(stderr,
          "Error: rank %d on %s lost the others during %s: %s; --resume goes on from what was saved\n",
          own_rank, hosts ? hosts[own_rank] : "this host", what, text);
  end_all();
}

/// Waits; long waits leave the core to the threads that load pictures.
static void finish(MPI_Request *request, const char *what) {
  double start = now();
  int is_done = 0;
  while (true) {
    check(MPI_Test(request, &is_done, MPI_STATUS_IGNORE), what);
    if (is_done) return;
    if (now() - start < SPIN_SECONDS) {
      sched_yield();
    } else {
      nap(30e-6);
    }
  }
}

// ---------------------------------------------------------------- signs of life

/// Rank 0 and every other one tell each other that they are there: a host that is gone, or a process
/// that was stopped, would otherwise be waited for without end.
static void *beat(void *unused) {
  (void)unused;
  int first = own_rank == 0 ? 1 : 0;
  int end = own_rank == 0 ? rank_count : 1;
  MPI_Request *sends = malloc(sizeof(MPI_Request) * (size_t)end);
  double *heard = malloc(sizeof(double) * (size_t)end);
  if (!sends || !heard) {
    fprintf(stderr, "Error: rank %d on %s has no memory\n", own_rank, hosts[own_rank]);
    end_all();
  }
  for (int rank = 0; rank < end; ++rank) {
    sends[rank] = MPI_REQUEST_NULL;
    heard[rank] = now();
  }
  double last = 0, previous = now();
  char sign = 0, sent = 0;
  while (!atomic_load(&is_leaving)) {
    int is_there = 1;
    while (true) {
      MPI_Status status;
      check(MPI_Iprobe(MPI_ANY_SOURCE, 0, beat_comm, &is_there, &status), "a sign of life");
      if (!is_there) break;
      check(MPI_Recv(&sign, 1, MPI_CHAR, status.MPI_SOURCE, 0, beat_comm, MPI_STATUS_IGNORE),
            "a sign of life");
      heard[status.MPI_SOURCE] = now();
    }
    // Who was stopped itself knows nothing of the others.
    double time = now();
    if (time - previous > 5) {
      for (int rank = first; rank < end; ++rank) heard[rank] = time;
    }
    previous = time;
    if (time - last > BEAT_SECONDS) {
      last = time;
      for (int rank = first; rank < end; ++rank) {
        int is_sent = 1;
        check(MPI_Test(&sends[rank], &is_sent, MPI_STATUS_IGNORE), "a sign of life");
        if (is_sent) {
          check(MPI_Isend(&sent, 1, MPI_CHAR, rank, 0, beat_comm, &sends[rank]), "a sign of life");
        }
      }
    }
    for (int rank = first; rank < end; ++rank) {
      if (time - heard[rank] <= patience_seconds) continue;
      fprintf(stderr,
              "Error: rank %d on %s has not been heard of for %.0f s: its process hangs, or its host "
              "is gone; --resume goes on from what was saved\n",
              rank, hosts[rank], patience_seconds);
      end_all();
    }
    nap(50e-3);
  }
  for (int rank = first; rank < end; ++rank) {
    check(MPI_Wait(&sends[rank], MPI_STATUS_IGNORE), "a sign of life");
  }
  free(sends);
  free(heard);
  return NULL;
}

// ---------------------------------------------------------------- the calls

static void gather(const void *mine, size_t bytes, void *all) {
  if (bytes == 0) return;
  if (bytes > CALL_BYTES) {
    fprintf(stderr, "Error: rank %d: a message of %zu bytes\n", own_rank, bytes);
    end_all();
  }
  MPI_Request request;
  check(MPI_Iallgather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, work_comm, &request),
        "a gathering");
  finish(&request, "a gathering");
}

static void broadcast(void *bytes, size_t count) {
  for (size_t start = 0; start < count; start += CALL_BYTES) {
    size_t part = count - start < CALL_BYTES ? count - start : CALL_BYTES;
    MPI_Request request;
    check(MPI_Ibcast((char *)bytes + start, (int)part, MPI_BYTE, 0, work_comm, &request),
          "a broadcast");
    finish(&request, "a broadcast");
  }
}

static void gather_parts(const void *mine, const size_t *sizes, void *all) {
  size_t total = 0;
  for (int rank = 0; rank < rank_count; ++rank) total += sizes[rank];
  if (total > INT_MAX) {
    fprintf(stderr, "Error: rank %d: messages of %zu bytes together\n", own_rank, total);
    end_all();
  }
  int start = 0;
  for (int rank = 0; rank < rank_count; ++rank) {
    receive_counts[rank] = (int)sizes[rank];
    receive_starts[rank] = start;
    start += (int)sizes[rank];
  }
  MPI_Request request;
  check(MPI_Iallgatherv(mine, (int)sizes[own_rank], MPI_BYTE, all, receive_counts, receive_starts,
                        MPI_BYTE, work_comm, &request),
        "a gathering");
  finish(&request, "a gathering");
}

/// Every rank adds up one part of the values and hands out the sum. MPI's own sums are cut by the
/// number of hosts and the size of messages, and their order with them.
static void sum_round(float *values, size_t count) {
  size_t size = (size_t)rank_count, rank = (size_t)own_rank;
  for (size_t r = 0; r < size; ++r) {
    send_starts[r] = (int)(count * r / size);
    send_counts[r] = (int)(count * (r + 1) / size) - send_starts[r];
  }
  int part = send_counts[rank];
  for (size_t r = 0; r < size; ++r) {
    receive_starts[r] = part * (int)r;
    receive_counts[r] = part;
  }
  MPI_Request request;
  check(MPI_Ialltoallv(values, send_counts, send_starts, MPI_FLOAT, received, receive_counts,
                       receive_starts, MPI_FLOAT, work_comm, &request),
        "a sum");
  finish(&request, "a sum");
  float *own = values + send_starts[rank];
  memcpy(own, received, sizeof(float) * (size_t)part);
  for (size_t r = 1; r < size; ++r) {
    const float *other = received + r * (size_t)part;
    for (int i = 0; i < part; ++i) own[i] += other[i];
  }
  check(MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, values, send_counts, send_starts,
                        MPI_FLOAT, work_comm, &request),
        "a sum");
  finish(&request, "a sum");
}

static void sum(float *values, size_t count) {
  // Parts differ by one value at most.
  size_t needed = (count < ROUND_VALUES ? count : ROUND_VALUES) + (size_t)rank_count;
  if (received_count < needed) {
    free(received);
    received = malloc(sizeof(float) * needed);
    received_count = received ? needed : 0;
    if (!received) {
      fprintf(stderr, "Error: rank %d on %s has no memory for sums of %zu values\n", own_rank,
              hosts[own_rank], needed);
      end_all();
    }
  }
  for (size_t start = 0; start < count; start += ROUND_VALUES) {
    sum_round(values + start, count - start < ROUND_VALUES ? count - start : ROUND_VALUES);
  }
}

static const char *start(double patience, pg_place *place) {
  int level = 0;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &level) != MPI_SUCCESS) {
    return "MPI does not start";
  }
  if (level < MPI_THREAD_MULTIPLE) return "this MPI does not serve several threads";
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm local_comm;
  if (MPI_Comm_dup(MPI_COMM_WORLD, &work_comm) != MPI_SUCCESS ||
      MPI_Comm_dup(MPI_COMM_WORLD, &beat_comm) != MPI_SUCCESS ||
      MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &local_comm) !=
          MPI_SUCCESS) {
    return "MPI does not connect the processes";
  }
  MPI_Comm_rank(work_comm, &own_rank);
  MPI_Comm_size(work_comm, &rank_count);
  MPI_Comm_size(local_comm, &place->local_count);
  MPI_Comm_free(&local_comm);
  place->rank = own_rank;
  place->count = rank_count;
  memset(place->host, 0, PG_HOST_BYTES);
  gethostname(place->host, PG_HOST_BYTES - 1);
  size_t size = (size_t)rank_count;
  hosts = malloc(PG_HOST_BYTES * size);
  int *numbers = malloc(sizeof(int) * 4 * size);
  if (!hosts || !numbers) return "no memory";
  send_counts = numbers;
  send_starts = numbers + size;
  receive_counts = numbers + 2 * size;
  receive_starts = numbers + 3 * size;
  gather(place->host, PG_HOST_BYTES, hosts);
  patience_seconds = patience;
  if (rank_count > 1 && pthread_create(&beat_thread, NULL, beat, NULL) != 0) {
    return "no thread can be started";
  }
  return NULL;
}

static void leave(void) {
  MPI_Request request;
  check(MPI_Ibarrier(work_comm, &request), "the end");
  finish(&request, "the end");
  if (rank_count > 1) {
    atomic_store(&is_leaving, true);
    pthread_join(beat_thread, NULL);
    // Nobody sends any more: what is still on its way can be received.
    check(MPI_Barrier(work_comm), "the end");
    int is_there = 1;
    while (true) {
      MPI_Status status;
      char sign;
      check(MPI_Iprobe(MPI_ANY_SOURCE, 0, beat_comm, &is_there, &status), "the end");
      if (!is_there) break;
      check(MPI_Recv(&sign, 1, MPI_CHAR, status.MPI_SOURCE, 0, beat_comm, MPI_STATUS_IGNORE),
            "the end");
    }
  }
  MPI_Finalize();
}

const pg_calls *detector_process_group(void) {
  static const pg_calls calls = {PG_VERSION, start, gather, gather_parts, broadcast, sum, leave};
  return &calls;
}
