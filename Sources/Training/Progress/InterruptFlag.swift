import Foundation
import Synchronization

/// Tells a run that it shall save and stop: raised by Ctrl-C (SIGINT) and by SIGTERM.
///
/// The first signal only raises the flag, so that the iteration under way can end; the second one
/// ends the process at once with exit code 130. One instance is made at the start and handed to
/// whoever must look at it.
package final class InterruptFlag: Sendable {
  /// The exit code of a run that was interrupted: 128 + SIGINT.
  package static let exitCode: Int32 = 130

  private let previous: [(signal: Int32, action: sigaction)]

  /// Starts to watch for signals, until the instance is released.
  package init(_ numbers: [Int32] = [SIGINT, SIGTERM]) {
    // A handler may not allocate or lock: the counter must exist before the first signal.
    signalCount.store(0, ordering: .relaxed)
    // Whoever started the program may have left them blocked, as threads of Dispatch do.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    previous = numbers.map { number in
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in
        let earlier = signalCount.add(1, ordering: .relaxed).oldValue
        if earlier > 0 { _exit(InterruptFlag.exitCode) }
      }
      // System calls under way, above all those that write a checkpoint, go on.
      action.sa_flags = SA_RESTART
      var old = sigaction()
      sigaction(number, &action, &old)
      return (number, old)
    }
  }

  deinit {
    for (number, action) in previous {
      var action = action
      sigaction(number, &action, nil)
    }
  }

  /// Whether the run shall save and stop.
  package var isRaised: Bool {
    // The count is not in the instance, but asking must keep the instance alive.
    withExtendedLifetime(self) { signalCount.load(ordering: .relaxed) > 0 }
  }
}

// A signal handler has no argument to find its flag by, so the count cannot be in the instance.
private let signalCount = Atomic<Int>(0)
