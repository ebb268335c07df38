import Networks

/// The keys of any layer that say how it is trained and what weights files have of it.
struct TrainingKeys {
  let section: ConfigurationSection
  /// Iterations of burn-in, of which `burnin_update` counts whole ones.
  let burnIn: Int

  /// Sets them on the section's node.
  func apply(to node: inout LayerNode) throws(DarknetError) {
    var training = LayerTraining()
    training.rateFactor = try section.number("learning_rate", default: 1, in: 0...1e6)
    training.heldIterations = max(
      try section.integer("dont_update", default: 0),
      burnIn * (try section.integer("burnin_update", default: 0, in: 0...1_000_000)))
    if try section.flag("onlyforward", default: false) {
      training.heldIterations = .max
      node.isDetached = true
    }
    let stop = try section.integer("stopbackward", default: 0)
    training.isFrozen = stop == 1
    let onlyStatistics = try section.flag("train_only_bn", default: false)
    training.closedIterations = stop == 1 || onlyStatistics ? .max : stop
    node.training = training
    node.storage = try storage()
  }

  private func storage() throws(DarknetError) -> LayerNode.Storage {
    if try section.flag("dontload", default: false) { return .none }
    return try section.flag("dontloadscales", default: false) ? .withoutScales : .whole
  }

  /// Closes and freezes what lies before a layer that is closed or frozen.
  static func spread(over nodes: [LayerNode]) -> [LayerNode] {
    var nodes = nodes
    for (index, next) in zip(nodes.indices, nodes.indices.dropFirst()).reversed() {
      let later = nodes[next].training
      nodes[index].training.closedIterations = max(
        nodes[index].training.closedIterations, later.closedIterations)
      if later.isFrozen { nodes[index].training.isFrozen = true }
    }
    return nodes
  }

  /// One line for each stretch of layers that no gradient comes to.
  static func notes(on nodes: [LayerNode], fileName: String) -> [String] {
    var notes: [String] = []
    var first = 0
    while first < nodes.count, nodes[first].training.closedIterations > 0 {
      let training = nodes[first].training
      let count = nodes[first...].prefix {
        $0.training.closedIterations == training.closedIterations
          && $0.training.isFrozen == training.isFrozen
      }.count
      let layers = count == 1 ? "layer \(first)" : "layers \(first) to \(first + count - 1)"
      let (verb, iterations) = (count == 1 ? "is" : "are", training.closedIterations)
      let text =
        switch (training.isFrozen, iterations) {
        case (true, _): "\(layers) \(verb) not trained (stopbackward=1)"
        case (_, .max): "of \(layers) only rolling statistics are trained (train_only_bn=1)"
        default: "\(layers) \(verb) not trained in the first \(iterations) iterations"
        }
      notes.append("\(fileName): \(text)")
      first += count
    }
    return notes
  }
}
