package import Detection

/// The uncertainty of every anchor of one head for one image.
package struct UncertaintyMap: Hashable, Sendable {
  /// What the values are.
  package let kind: UncertaintyKind
  /// Where the anchors are.
  package let grid: AnchorGrid
  /// H·W·A values in this order, in ``UncertaintyKind/unit``; NaN for ignored anchors.
  package let values: [Float]

  /// A map of values that are at hand, one for every anchor.
  package init(kind: UncertaintyKind, grid: AnchorGrid, values: [Float]) {
    precondition(values.count == grid.count, "\(values.count) values for \(grid.count) anchors")
    self.kind = kind
    self.grid = grid
    self.values = values
  }

  /// BALD of every anchor, in bits.
  ///
  /// - Throws: ``UncertaintyError`` for a NaN, an infinity or a negative variance.
  package static func bald(_ moments: AnchorMoments, bald: BALD = BALD()) throws -> UncertaintyMap {
    try UncertaintyMap(.bald, moments) { try bald.uncertainty($0) }
  }

  /// h(Φ(μ / √(σ² + 1))) of every anchor, in bits: the entropy that BALD subtracts from.
  ///
  /// - Throws: ``UncertaintyError`` for a NaN, an infinity or a negative variance.
  package static func entropy(
    _ moments: AnchorMoments, logitScale: BALD.LogitScale = .probit
  ) throws -> UncertaintyMap {
    try UncertaintyMap(.entropy, moments) {
      BALD.marginalEntropy($0.scaled(by: logitScale.factor()))
    }
  }

  /// σ of every anchor's logit.
  ///
  /// - Throws: ``UncertaintyError`` for a NaN, an infinity or a negative variance.
  package static func sigma(_ moments: AnchorMoments) throws -> UncertaintyMap {
    try UncertaintyMap(.sigma, moments) { $0.variance.squareRoot() }
  }

  /// D of every anchor, which exists only where targets say what is correct.
  ///
  /// - Parameters:
  ///   - difficulties: Of one image and head, H·W·A values in 0...1.
  ///   - counts: Whether the loss counts the anchor; the others become NaN.
  ///   - grid: Where the anchors are.
  /// - Returns: A map of values in 0...1 and NaN.
  package static func difficulty(
    _ difficulties: [Float], counts: [Bool], grid: AnchorGrid
  ) -> UncertaintyMap {
    precondition(counts.count == difficulties.count, "\(counts.count) flags")
    return UncertaintyMap(
      kind: .difficulty, grid: grid, values: zip(difficulties, counts).map { $1 ? $0 : .nan })
  }

  private init(
    _ kind: UncertaintyKind, _ moments: AnchorMoments,
    value: (LogitMoments<Float>) throws -> Float
  ) throws {
    self.init(
      kind: kind, grid: moments.grid,
      values: try moments.means.indices.map { index in
        try moments[index].validate(index: index)
        return try value(moments[index])
      })
  }

  /// One value for every cell: that of its anchors, reduced.
  package func reduced(by reduction: ValueReduction = .max) -> ValueGrid {
    let count = grid.anchorCount
    return ValueGrid(
      width: grid.width, height: grid.height,
      values: (0..<grid.width * grid.height).map { cell in
        reduction.reduced(values[cell * count..<(cell + 1) * count])
      })
  }
}
