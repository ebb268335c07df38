import Foundation
import Testing
import Training

/// Each in a process of its own: signals are the process's.
@Suite struct InterruptFlagTests {
  @Test(arguments: [SIGINT, SIGTERM])
  func theFirstSignalRaisesTheFlag(_ number: Int32) async {
    await #expect(processExitsWith: .exitCode(42)) { [number = number as Int32] in
      let flag = InterruptFlag()
      guard !flag.isRaised else { exit(1) }
      kill(getpid(), number)
      while !flag.isRaised { usleep(1000) }
      exit(42)
    }
  }

  @Test func theSecondSignalEndsTheProcess() async {
    await #expect(processExitsWith: .exitCode(130)) {
      let flag = InterruptFlag()
      kill(getpid(), SIGINT)
      while !flag.isRaised { usleep(1000) }
      kill(getpid(), SIGTERM)
      sleep(10)
      exit(1)
    }
  }

  @Test func withoutTheFlagSignalsActAsBefore() async {
    await #expect(processExitsWith: .signal(SIGTERM)) {
      do {
        let flag = InterruptFlag()
        if flag.isRaised { exit(1) }
      }
      kill(getpid(), SIGTERM)
      sleep(10)
      exit(2)
    }
  }
}
