import Detection
import TestSupport
import Testing

@testable import Uncertainty

@Suite struct UncertaintyMapTests {
  private let grid = AnchorGrid(stride: 16, width: 3, height: 2, anchorCount: 2)

  private func moments(_ means: [Float], _ variances: [Float]) -> AnchorMoments {
    let count = means.count
    return AnchorMoments(
      grid: AnchorGrid(stride: 8, width: count, height: 1, anchorCount: 1), means: means,
      variances: variances)
  }

  /// Values of the closed form and its first term from an independent table.
  @Test func kindsOfMoments() throws {
    let moments = moments([0, 1, -2, -2, 3], [1, 0.25, 0.25, 4, 0.01])
    expectClose(
      try UncertaintyMap.bald(moments, bald: BALD(clampsNegative: false)).values,
      [0.278020, 0.0713077, 0.0250569, 0.379829, -0.00111772], absolute: 1e-6)
    #expect(try UncertaintyMap.bald(moments).values[4] == 0)
    expectClose(
      try UncertaintyMap.entropy(moments).values,
      [1, 0.6920620, 0.2275129, 0.6920620, 0.01545539], absolute: 1e-6)
    expectClose(try UncertaintyMap.sigma(moments).values, [1, 0.5, 0.5, 2, 0.1])
    for kind in [UncertaintyKind.bald, .entropy, .sigma] {
      let map =
        switch kind {
        case .bald: try UncertaintyMap.bald(moments)
        case .entropy: try UncertaintyMap.entropy(moments)
        default: try UncertaintyMap.sigma(moments)
        }
      #expect(map.kind == kind && map.grid == moments.grid)
    }
  }

  /// π/8 of both moments' squares: h(Φ(1)) stands at μ = 1 / √(π / 8) without variance.
  @Test func entropyOnALogisticScale() throws {
    let mean = 1 / (Float.pi / 8).squareRoot()
    let values = try UncertaintyMap.entropy(moments([mean], [0]), logitScale: .logistic).values
    expectClose(values, [0.6310828])
  }

  @Test func badMomentsNameTheirPlace() {
    #expect(throws: UncertaintyError.notFinite(argument: "mean", index: 1)) {
      try UncertaintyMap.sigma(moments([0, .nan], [1, 1]))
    }
    #expect(throws: UncertaintyError.negativeVariance(index: 2)) {
      try UncertaintyMap.entropy(moments([0, 0, 0], [1, 1, -1]))
    }
    #expect(throws: UncertaintyError.notFinite(argument: "variance", index: 0)) {
      try UncertaintyMap.bald(moments([0], [.infinity]))
    }
  }

  @Test func ignoredAnchorsHaveNoDifficulty() throws {
    let line = AnchorGrid(stride: 8, width: 3, height: 1, anchorCount: 1)
    let counts = [true, false, true]
    let rules = Difficulty()
    let difficulties = try rules.weights(
      bits: rules.bits(means: [0, 0, 0], variances: [1, 1, 1], counts: counts),
      units: JudgedUnits(imageCount: 1, isCorrect: [true, true, false], counts: counts))
    let map = UncertaintyMap.difficulty(difficulties, counts: counts, grid: line)
    // U = 0.569060817212: a true negative and a false negative.
    expectClose([map.values[0], map.values[2]], [0.2845304, 0.7154696])
    #expect(map.values[1].isNaN && map.kind == .difficulty)
  }

  @Test func anchorsAreReducedCellByCell() {
    let map = UncertaintyMap(
      kind: .bald, grid: grid, values: [0, 1, 2, 3, 4, 5, 6, 7, 8, .nan, .nan, .nan])
    let largest = map.reduced()
    #expect(largest.width == 3 && largest.height == 2)
    #expect(Array(largest.values[..<5]) == [1, 3, 5, 7, 8] && largest.values[5].isNaN)
    #expect(Array(map.reduced(by: .mean).values[..<5]) == [0.5, 2.5, 4.5, 6.5, 8])
    #expect(largest[row: 1, column: 0] == 7)
  }

  @Test func scalesCombineOnTheFinestGrid() {
    let coarse = ValueGrid(width: 2, height: 1, values: [4, .nan])
    let fine = ValueGrid(width: 4, height: 2, values: [0, 5, 1, .nan, 8, 0, 2, 3])
    let largest = ValueGrid.combined([coarse, fine], by: .max)
    #expect(largest.width == 4 && largest.height == 2)
    #expect(Array(largest.values[..<3]) == [4, 5, 1] && largest.values[3].isNaN)
    #expect(Array(largest.values[4...]) == [8, 4, 2, 3])
    let mean = ValueGrid.combined([fine, coarse], by: .mean)
    #expect(Array(mean.values[..<3]) == [2, 4.5, 1] && mean.values[3].isNaN)
    #expect(Array(mean.values[4...]) == [6, 2, 2, 3])
    #expect(ValueGrid.combined([fine], by: .mean).values[4] == 8)
  }

  /// Cells of 3 in a grid of 2 take the cell that holds their centre, the middle one the second.
  @Test func gridsThatDoNotDivide() {
    let two = ValueGrid(width: 2, height: 1, values: [1, 2])
    let three = ValueGrid(width: 3, height: 1, values: [0, 0, 0])
    #expect(ValueGrid.combined([two, three], by: .max).values == [1, 2, 2])
  }

  @Test func statisticsLeaveOutWhatIsMissing() throws {
    let found = try #require(ValueStatistics([Float.nan, 3, 1, 2, 4]))
    #expect(found.minimum == 1 && found.mean == 2.5 && found.maximum == 4)
    #expect(ValueStatistics([Float.nan]) == nil)
  }

  @Test func scalesAreFixed() {
    for kind in UncertaintyKind.allCases where kind != .sigma {
      #expect(kind.range(sigmaLimit: 9) == 0...1)
    }
    #expect(UncertaintyKind.sigma.range(sigmaLimit: 9) == 0...9)
    #expect(UncertaintyKind.sigma.range() == 0...5)
  }
}
