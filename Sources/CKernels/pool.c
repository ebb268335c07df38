// A thread pool: workers spin briefly, then sleep on a futex. Every thread has a part of the indices of
// its own, so that it meets in one job what it left in its caches in the last, and then takes from the
// others', one by one: a disturbed core costs one chunk, not half the work.
#define _GNU_SOURCE
#include "CKernels.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { SPINS = 4000, LARGE_PAGE = 2 << 20 };

typedef struct task_node {
  ck_task task;
  void *context;
  struct task_node *next;
} task_node;

// The indices next..<end, alone on a cache line.
typedef struct {
  _Alignas(64) _Atomic size_t next;
  size_t end;
} part;

// A worker's place: the caller of a job has place 0.
typedef struct {
  ck_pool *pool;
  unsigned place;
} seat;

struct ck_pool {
  // Changes whenever there may be something to do; sleeping workers wait on it.
  _Atomic uint32_t generation;
  _Atomic int sleepers;
  _Atomic bool stop;

  // The open job. A worker first announces itself in `active`, then looks at `open`; the owner
  // first closes the job, then waits for `active` to fall to zero: one of them sees the other.
  _Atomic bool open;
  _Atomic uint32_t active;
  part *parts;
  unsigned part_count;
  ck_body body;
  void *context;
  _Atomic bool busy;

  pthread_mutex_t lock;
  _Atomic size_t queued;
  task_node *first, *last;

  unsigned worker_count;
  seat *seats;
  pthread_t workers[];
};

// Set while the thread executes a body or a task: nested work then runs serially.
static _Thread_local bool inside;
// The pool that a task of this worker destroyed: freed once the worker has left the task.
static _Thread_local ck_pool *orphan;

static void pause_briefly(void) {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void futex_wait(_Atomic uint32_t *word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake_all(_Atomic uint32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void ck_flush_denormals(void) {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" ::"r"(control | (1ull << 24)));
#endif
}

static void announce(ck_pool *pool) {
  atomic_fetch_add(&pool->generation, 1);
  if (atomic_load(&pool->sleepers) > 0) futex_wake_all(&pool->generation);
}

bool ck_pool_help(ck_pool *pool) {
  if (atomic_load(&pool->queued) == 0) return false;
  pthread_mutex_lock(&pool->lock);
  task_node *node = pool->first;
  if (node) {
    pool->first = node->next;
    if (!pool->first) pool->last = NULL;
    atomic_fetch_sub(&pool->queued, 1);
  }
  pthread_mutex_unlock(&pool->lock);
  if (!node) return false;
  bool outer = inside;
  inside = true;
  node->task(node->context);
  inside = outer;
  free(node);
  return true;
}

// Takes indices of the open job, first from the part of a place, until none is left. True if it did any.
static bool work(ck_pool *pool, unsigned place) {
  bool worked = false;
  inside = true;
  for (unsigned k = 0; k < pool->part_count; k++) {
    part *own = &pool->parts[(place + k) % pool->part_count];
    size_t i;
    while ((i = atomic_fetch_add(&own->next, 1)) < own->end) {
      pool->body(pool->context, i);
      worked = true;
    }
  }
  inside = false;
  return worked;
}

static bool join_job(ck_pool *pool, unsigned place) {
  atomic_fetch_add(&pool->active, 1);
  bool worked = atomic_load(&pool->open) && work(pool, place);
  if (atomic_fetch_sub(&pool->active, 1) == 1) futex_wake_all(&pool->active);
  return worked;
}

static void release(ck_pool *pool) {
  pthread_mutex_destroy(&pool->lock);
  free(pool->parts);
  free(pool->seats);
  free(pool);
}

static void *worker_main(void *argument) {
  const seat own = *(const seat *)argument;
  ck_pool *pool = own.pool;
  ck_flush_denormals();
  for (;;) {
    uint32_t seen = atomic_load(&pool->generation);
    if (ck_pool_help(pool)) continue;
    if (atomic_load(&pool->stop)) {
      if (orphan == pool) release(pool);
      return NULL;
    }
    if (atomic_load(&pool->open) && join_job(pool, own.place)) continue;
    int spins = 0;
    while (atomic_load_explicit(&pool->generation, memory_order_relaxed) == seen && spins < SPINS) {
      pause_briefly();
      spins++;
    }
    if (spins < SPINS) continue;
    atomic_fetch_add(&pool->sleepers, 1);
    futex_wait(&pool->generation, seen);
    atomic_fetch_sub(&pool->sleepers, 1);
  }
}

ck_pool *ck_pool_create(unsigned threads) {
  if (threads == 0) threads = 1;
  ck_pool *pool = calloc(1, sizeof(ck_pool) + (threads - 1) * sizeof(pthread_t));
  if (!pool) return NULL;
  pthread_mutex_init(&pool->lock, NULL);
  pool->part_count = threads;
  pool->parts = aligned_alloc(_Alignof(part), threads * sizeof(part));
  pool->seats = malloc(threads * sizeof(seat));
  if (!pool->parts || !pool->seats) {
    release(pool);
    return NULL;
  }
  ck_flush_denormals();
  for (unsigned i = 0; i + 1 < threads; i++) {
    pool->seats[i] = (seat){pool, i + 1};
    if (pthread_create(&pool->workers[i], NULL, worker_main, &pool->seats[i]) != 0) {
      ck_pool_destroy(pool);
      return NULL;
    }
    pool->worker_count++;
  }
  return pool;
}

void ck_pool_destroy(ck_pool *pool) {
  if (!pool) return;
  while (ck_pool_help(pool)) {
  }
  atomic_store(&pool->stop, true);
  announce(pool);
  for (unsigned i = 0; i < pool->worker_count; i++) {
    if (pthread_equal(pool->workers[i], pthread_self())) {
      pthread_detach(pthread_self());
      orphan = pool;
    } else {
      pthread_join(pool->workers[i], NULL);
    }
  }
  if (orphan != pool) release(pool);
}

void ck_pool_run(ck_pool *pool, size_t count, ck_body body, void *context) {
  ck_flush_denormals();
  bool taken = false;
  if (inside || count < 2 || pool->worker_count == 0 ||
      !atomic_compare_exchange_strong(&pool->busy, &taken, true)) {
    for (size_t i = 0; i < count; i++) body(context, i);
    return;
  }
  pool->body = body;
  pool->context = context;
  for (unsigned k = 0; k < pool->part_count; k++) {
    pool->parts[k].end = count * (k + 1) / pool->part_count;
    atomic_store(&pool->parts[k].next, count * k / pool->part_count);
  }
  atomic_store(&pool->open, true);
  announce(pool);
  work(pool, 0);
  atomic_store(&pool->open, false);
  int spins = 0;
  uint32_t active;
  while ((active = atomic_load(&pool->active)) != 0) {
    if (++spins < SPINS)
      pause_briefly();
    else
      futex_wait(&pool->active, active);
  }
  atomic_store(&pool->busy, false);
}

void ck_pool_submit(ck_pool *pool, ck_task task, void *context) {
  task_node *node = malloc(sizeof(task_node));
  if (!node) {
    task(context);
    return;
  }
  *node = (task_node){task, context, NULL};
  pthread_mutex_lock(&pool->lock);
  if (pool->last)
    pool->last->next = node;
  else
    pool->first = node;
  pool->last = node;
  atomic_fetch_add(&pool->queued, 1);
  pthread_mutex_unlock(&pool->lock);
  announce(pool);
}

// ---------------------------------------------------------------- scratch

typedef struct {
  float *memory;
  size_t count;
} scratch;

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void free_scratch(void *value) {
  scratch *s = value;
  free(s->memory);
  free(s);
}

static void make_scratch_key(void) { pthread_key_create(&scratch_key, free_scratch); }

float *ck_scratch(size_t count) {
  pthread_once(&scratch_once, make_scratch_key);
  scratch *s = pthread_getspecific(scratch_key);
  if (!s) {
    s = calloc(1, sizeof(scratch));
    if (!s) return NULL;
    pthread_setspecific(scratch_key, s);
  }
  if (s->count < count) {
    free(s->memory);
    s->memory = NULL;
    s->count = 0;
    void *memory;
    // Large pages spare the address translation; where there are none, small ones will do.
    size_t unit = count * sizeof(float) < LARGE_PAGE ? 64 : LARGE_PAGE;
    size_t bytes = (count * sizeof(float) + unit - 1) / unit * unit;
    if (posix_memalign(&memory, unit, bytes) != 0) return NULL;
    if (unit == LARGE_PAGE) madvise(memory, bytes, MADV_HUGEPAGE);
    s->memory = memory;
    s->count = count;
  }
  return s->memory;
}
