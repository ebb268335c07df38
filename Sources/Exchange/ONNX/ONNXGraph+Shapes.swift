extension ONNXGraph {
  /// The same values in another shape; 0 stands for a side that stays, such as that of the batch.
  mutating func reshape(_ x: String, _ shape: [Int], as name: String? = nil) -> String {
    add("Reshape", [x, integers(shape, "shape")], as: name)
  }

  /// A part of a value: for each axis that is cut its start, its end and its step.
  mutating func slice(_ x: String, _ cuts: [Int: (from: Int, to: Int, step: Int)]) -> String {
    let sorted = cuts.sorted { $0.key < $1.key }
    return add(
      "Slice",
      [
        x, integers(sorted.map(\.value.from), "starts"), integers(sorted.map(\.value.to), "ends"),
        integers(sorted.map(\.key), "axes"), integers(sorted.map(\.value.step), "steps"),
      ])
  }

  /// Zeros behind the end of each axis.
  mutating func pad(_ x: String, after: [Int]) -> String {
    add("Pad", [x, integers(after.map { _ in 0 } + after, "pads")])
  }
}
