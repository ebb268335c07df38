import TestSupport
import Testing
import Training

@Suite struct ProgressReporterTests {
  /// Collects what is written, with a clock and a width to set.
  final class Screen {
    var text = ""
    var time = 0.0
    var width: Int?
    init(width: Int?) { self.width = width }

    func reporter() -> ProgressReporter {
      ProgressReporter(
        output: ProgressOutput(write: { self.text += $0 }, width: { self.width }),
        clock: { self.time })
    }

    /// What was written since the last call.
    func take() -> String {
      defer { text = "" }
      return text
    }
  }

  static func progress(_ iteration: Int, of count: Int = 400) -> TrainingProgress {
    var progress = TrainingProgress(
      iteration: iteration, iterationCount: count, epoch: 3, epochCount: 60)
    progress.loss = 12.34567
    progress.parts = [("box", 1.234), ("objectness", 11.06), ("class", 0.05167)]
    progress.rate = 0.0050004
    progress.imagesPerSecond = 45.24
    progress.waitShare = 0.012
    progress.best = "mAP 81.2 %"
    return progress
  }

  @Test func writesLinesNowAndThenToAPipe() {
    let screen = Screen(width: nil)
    var reporter = screen.reporter()
    reporter.begin(iteration: 90)
    screen.time = 20
    reporter.update(Self.progress(100))
    #expect(
      screen.take()
        == "epoch 3/60, iteration 100/400, loss 12.3 (box 1.23, objectness 11.1, class 0.0517), "
        + "rate 0.005, 45.2 images/s, waiting 1.2 %, eta 10:00, best mAP 81.2 %\n")
    screen.time = 29
    reporter.update(Self.progress(105))
    #expect(screen.take() == "")
    reporter.message("saved")
    #expect(screen.take() == "saved\n")
    screen.time = 30
    reporter.update(Self.progress(110))
    #expect(screen.take().hasSuffix("eta 7:15, best mAP 81.2 %\n"))
    screen.time = 31
    reporter.update(Self.progress(400))
    #expect(
      screen.take().hasPrefix("epoch 3/60, iteration 400/400"), "the last one is shown at any time")
    reporter.finish()
    #expect(screen.take() == "")
  }

  @Test func redrawsOneLineOnATerminal() {
    let screen = Screen(width: 200)
    var reporter = screen.reporter()
    reporter.begin(iteration: 0)
    screen.time = 100
    reporter.update(Self.progress(100))
    let tail =
      "epoch 3/60  25%  100/400  eta 5:00  loss 12.3  (box 1.23, objectness 11.1, class 0.0517)  "
      + "rate 0.005  45.2 images/s  waiting 1.2 %  best mAP 81.2 %\u{1B}[K"
    #expect(screen.take() == "\r[=======>" + String(repeating: " ", count: 22) + "]  " + tail)
    screen.time = 100.05
    reporter.update(Self.progress(101))
    #expect(screen.take() == "", "too early to redraw")
    reporter.message("best mAP 0.5")
    let redrawn = screen.take()
    #expect(redrawn.hasPrefix("\r\u{1B}[Kbest mAP 0.5\n\r[=======>"))
    #expect(redrawn.contains("101/400"))
    screen.time = 400
    reporter.update(Self.progress(400))
    #expect(screen.take().hasPrefix("\r[" + String(repeating: "=", count: 30) + "]  epoch"))
    reporter.finish()
    #expect(screen.take() == "\n")
    reporter.message("done")
    #expect(screen.take() == "done\n", "no bar after the end")
  }

  @Test(arguments: [
    (
      160,
      "[==>     ]  epoch 3/60  25%  100/400  eta 5:00  loss 12.3  "
        + "(box 1.23, objectness 11.1, class 0.0517)  rate 0.005  45.2 images/s  waiting 1.2 %  "
        + "best mAP 81.2 %"
    ),
    (
      140,
      "epoch 3/60  25%  100/400  eta 5:00  loss 12.3  "
        + "(box 1.23, objectness 11.1, class 0.0517)  rate 0.005  45.2 images/s  best mAP 81.2 %"
    ),
    (
      100,
      "[=>    ]  epoch 3/60  25%  100/400  eta 5:00  loss 12.3  rate 0.005  "
        + "45.2 images/s  best mAP 81.2 %"
    ),
    (80, "epoch 3/60  25%  100/400  eta 5:00  loss 12.3  45.2 images/s  best mAP 81.2 %"),
    (70, "epoch 3/60  25%  100/400  eta 5:00  loss 12.3  best mAP 81.2 %"),
    (50, "epoch 3/60  25%  100/400  eta 5:00  loss 12.3"),
    (40, "25%  100/400  eta 5:00  loss 12.3"),
    (25, "25%  eta 5:00  loss 12.3"),
    (20, "25%  loss 12.3"),
    (10, "25%  loss"),
    (1, ""),
  ])
  func fitsTheWidth(width: Int, line: String) {
    let screen = Screen(width: width)
    var reporter = screen.reporter()
    reporter.begin(iteration: 0)
    screen.time = 100
    reporter.update(Self.progress(100))
    #expect(screen.take() == "\r\(line)\u{1B}[K")
  }

  @Test func staysWithinEveryWidth() {
    for width in 1...200 {
      for iteration in [0, 1, 57, 399, 400] {
        let screen = Screen(width: width)
        var reporter = screen.reporter()
        reporter.update(Self.progress(iteration))
        let line = screen.take().dropFirst().dropLast(3)
        #expect(line.count < width, "\(width): \(line)")
      }
    }
  }

  @Test func leavesOutWhatIsUnknown() {
    let screen = Screen(width: nil)
    var reporter = screen.reporter()
    reporter.update(TrainingProgress(iteration: 5, iterationCount: 10, epoch: 1))
    #expect(screen.take() == "epoch 1, iteration 5/10\n")
  }

  @Test(arguments: [
    (0.4, "0:00"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03"), (93784, "1d 02:03"),
    (.infinity, "?"),
  ])
  func writesDurations(seconds: Double, text: String) {
    let screen = Screen(width: nil)
    var reporter = screen.reporter()
    reporter.begin(iteration: 0)
    screen.time = seconds
    reporter.update(TrainingProgress(iteration: 1, iterationCount: 2, epoch: 1))
    #expect(screen.take() == "epoch 1, iteration 1/2, eta \(text)\n")
  }
}
