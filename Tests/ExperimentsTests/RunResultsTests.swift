import Foundation
import Tasks
import TestSupport
import Testing
import Training

@testable import Experiments

@Suite struct RunResultsTests {
  /// Losses are means since the line before, a rate is the last one, and what is not known stays empty.
  @Test func namesColumnsAsOtherToolsDo() {
    let columns = RunLogColumns.training(
      parts: ["box", "objectness", "class"], outputCount: 1, measure: DetectionTask.measure)
    func training(_ iteration: Int, _ box: Double, rate: Double) -> RunLogRecord {
      RunLogRecord(
        .training, iteration: iteration, epoch: Double(iteration) / 4, seconds: Double(iteration),
        values: [
          "box": box, "objectness": 2 * box, "class": 0.5, "loss": 3 * box + 0.5,
          "learning_rate": rate,
        ])
    }
    let records = [
      training(1, 4, rate: 0.5), training(2, 2, rate: 0.25),
      RunLogRecord(
        .evaluation, iteration: 2, epoch: 0.5, seconds: 2.25,
        values: ["mAP_voc12": 0.125, "AP50": 0.25, "AP50to95": 0.0625]),
      training(4, 8, rate: 0.125),
      RunLogRecord(
        .evaluation, iteration: 4, epoch: 1, seconds: 5,
        values: ["mAP_voc12": 0.5, "mAP_voc07": 0.75, "precision": 1, "recall": 0.5]),
    ]
    #expect(
      RunResults.text((columns, records))
        == """
        epoch,time,train/box_loss,train/obj_loss,train/cls_loss,mAP_voc12,mAP_voc07,precision,recall,\
        metrics/mAP50-95(B),metrics/mAP50(B),lr/pg0
        1,2.250,3.0,6.0,0.5,0.125,,,,0.0625,0.25,0.25
        1,5.000,8.0,16.0,0.5,0.5,0.75,1.0,0.5,,,0.125

        """)
  }

  @Test func aClassifierHasOneLoss() {
    let columns = RunLogColumns.training(
      parts: ["class"], outputCount: 1, measure: ClassificationTask.measure)
    let records = [
      RunLogRecord(.training, iteration: 1, epoch: 1, seconds: 1, values: ["loss": 2, "class": 2]),
      RunLogRecord(
        .evaluation, iteration: 1, epoch: 1, seconds: 2, values: ["accuracy_top1": 0.5]),
    ]
    #expect(
      RunResults.text((columns, records))
        == """
        epoch,time,train/loss,metrics/accuracy_top1,metrics/accuracy_top5,lr/pg0
        1,2.000,2.0,0.5,,

        """)
  }

  /// A run leaves its table and the pictures of what it finds.
  @Test func aRunWritesItsTableAndItsPictures() throws {
    try SmallWorld.use { world in
      let session = try TrainingStart.new(
        world.plan(), loss: nil, seed: 1, folder: world.path("run"), opening: .new,
        version: "test", backend: world.backend, SmallWorld.silent)
      _ = try session.run(until: InterruptFlag(), writesEvents: false)
      let lines = try world.text("run/results.csv").split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.last?.hasPrefix("1,") == true)
      for name in ["batch.png", "validation.png", "loss.png", "map.png"] {
        #expect(world.exists("run/plots/" + name), "\(name)")
      }
    }
  }
}
