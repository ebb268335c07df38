import Keypoints
import Testing

@Suite("keypoint layouts")
struct KeypointLayoutTests {
  @Test("partners of partners are the keypoints themselves")
  func partners() throws {
    let layout = try KeypointLayout(names: ["l", "m", "r"], pairs: [(2, 0)])
    #expect(layout.partners == [2, 1, 0])
    #expect(layout.pairs.map(\.0) == [0] && layout.pairs.map(\.1) == [2])
  }

  @Test("a keypoint has one partner, and names are told apart")
  func wrong() {
    func error(
      _ names: [String], _ pairs: [(Int, Int)] = [], edges: [KeypointLayout.Edge] = [],
      deviations: [Double]? = nil
    ) -> KeypointError? {
      #expect(throws: KeypointError.self) {
        try KeypointLayout(names: names, pairs: pairs, edges: edges, deviations: deviations)
      }
    }
    #expect(error(["a", "b", "c"], [(0, 1), (1, 2)]) == .pairs(1, 2))
    #expect(error(["a", "b"], [(0, 1), (1, 0)]) == .pairs(1, 0))
    #expect(error(["a"], [(0, 0)]) == .pairs(0, 0))
    #expect(error(["a", "b"], [(0, 2)]) == .noKeypoint(2, count: 2))
    #expect(error(["a", "a"]) == .names("'a' is there twice"))
    #expect(error([]) == .names("one is empty"))
    #expect(error(["a"], edges: [.init(0, -1)]) == .noKeypoint(-1, count: 1))
    #expect(error(["a", "b"], deviations: [0.1]) == .deviations(count: 1, keypoints: 2))
    #expect(error(["a"], deviations: [0]) == .deviations(count: 1, keypoints: 1))
  }
}
