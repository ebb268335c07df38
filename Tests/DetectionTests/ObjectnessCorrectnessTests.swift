import Detection
import Testing

@Suite struct ObjectnessCorrectnessTests {
  @Test func thresholds() {
    var rule = ObjectnessCorrectness()
    let states: [TargetAssignment.State] = [.positive, .negative, .positive, .negative, .ignored]
    // τ itself, and a number above it that a rounded sigmoid would not tell apart.
    let logits: [Float] = [0, 0, 1e-30, 1e-30, 5]
    #expect(rule.isCorrect(logits: logits, states: states) == [false, true, true, false, true])
    rule.threshold = 0.9  // ln 9 = 2.197
    #expect(
      rule.isCorrect(logits: [2.19, 2.20], states: [.positive, .positive]) == [false, true])
    rule.minimumOverlap = 0.5
    #expect(
      rule.isCorrect(
        logits: [3, 3, -3], states: [.positive, .positive, .negative], overlaps: [0.5, 0.49, 0])
        == [true, false, true])
  }
}
