import Tasks
import Testing

@testable import Training

@Suite struct RecentLossTests {
  /// The mean of all while there are few, then one that forgets.
  @Test func averagesTheLastUpdates() {
    var recent = RecentLoss(updatesPerEpoch: 3)
    #expect(recent.window == 10)
    for value in [4.0, 8, 12] {
      recent.add(LossValue(parts: ["a", "b"], outputs: [[value, 0], [value, 2]]), images: 2)
    }
    #expect(recent.parts == [8, 1])
    #expect(recent.total == 9)
    for _ in 0..<400 {
      recent.add(LossValue(parts: ["a", "b"], outputs: [[2, 0], [0, 6]]), images: 2)
    }
    #expect(abs(recent.parts[0] - 1) < 1e-9 && abs(recent.parts[1] - 3) < 1e-9)
    #expect(RecentLoss(updatesPerEpoch: 5000).window == 100)
  }
}
