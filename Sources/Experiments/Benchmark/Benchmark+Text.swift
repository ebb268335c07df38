import Foundation

extension Benchmark.Result {
  /// For people: the table of layers, if there is one, and the sums.
  package var text: String {
    var lines: [String] = []
    if let layers {
      lines.append("layer                  forward ms  backward ms     GFLOP    GFLOP/s   share")
      let sum = layers.reduce(0) { $0 + $1.forwardMs + $1.backwardMs }
      for layer in layers {
        let share = 100 * (layer.forwardMs + layer.backwardMs) / max(1e-9, sum)
        let name = layer.layer.padding(toLength: 16, withPad: " ", startingAt: 0)
        lines.append(
          String(format: "%4d ", layer.index) + name
            + String(
              format: " %11.3f %12.3f %9.3f %10.1f %6.1f%%", layer.forwardMs, layer.backwardMs,
              layer.gflop, layer.gflops, share))
      }
    }
    if let classes { lines += classTable(classes) }
    lines.append(
      "\(mode), \(size)x\(size), batch \(batch), \(threads) thread\(threads == 1 ? "" : "s"): "
        + String(
          format: "median %.2f ms, fastest %.2f ms of %d; %.3f GFLOP, %.1f GFLOP/s; %.1f MiB "
            + "planned, %.1f MiB resident at most",
          medianMs, minMs, runs, gflop, gflops, planMiB, peakRssMiB))
    lines.append(
      String(
        format: "%.1f images/s; 95 %% of the passes within %.2f ms, 99 %% within %.2f ms; %.0f ms "
          + "from the files to the first result", imagesPerSecond, p95Ms, p99Ms, loadMs))
    if let bestBatch, let bestImagesPerSecond {
      lines.append(
        String(format: "best batch %d: %.1f images/s", bestBatch, bestImagesPerSecond))
    }
    if integers.quantized > 0 {
      lines.append(
        String(
          format: "int8: %d of %d convolutions, %.1f %% of their operations", integers.quantized,
          integers.convolutions, 100 * integers.operationShare))
    }
    return lines.joined(separator: "\n")
  }

  private func classTable(_ classes: [Benchmark.ClassTime]) -> [String] {
    let others = [("loss", lossMs), ("update", updateMs)].compactMap { name, time in
      time.map { (name, $0) }
    }
    let sum =
      classes.reduce(0) { $0 + $1.forwardMs + $1.backwardMs } + others.reduce(0) { $0 + $1.1 }
    func row(_ name: String, _ count: Int, _ numbers: [Double], _ time: Double) -> String {
      name.padding(toLength: 30, withPad: " ", startingAt: 0)
        + String(
          format: "%6d %11.3f %12.3f %9.3f %10.1f %6.1f%%", count, numbers[0], numbers[1],
          numbers[2], numbers[3], 100 * time / max(1e-9, sum))
    }
    var lines = [
      "",
      "kind                          layers  forward ms  backward ms     GFLOP    GFLOP/s   share",
    ]
    lines += classes.map {
      row(
        $0.name, $0.count, [$0.forwardMs, $0.backwardMs, $0.gflop, $0.gflops],
        $0.forwardMs + $0.backwardMs)
    }
    lines += others.map { row($0.0, 1, [$0.1, 0, 0, 0], $0.1) }
    return lines + [""]
  }
}
