import Compute
import Foundation
import Layers
import Networks
import TestSupport
import Testing

@testable import Darknet

/// Files of the same network for another number of classes.
@Suite struct OtherClassesTests {
  private let twoHeads =
    tinyNetwork + """

      [route]
      layers=1

      [convolutional]
      filters=14
      size=3
      pad=1
      activation=linear

      [yolo]
      mask=0,1
      anchors=1,2, 3,4
      num=2
      classes=2
      """

  private let classifier = """
    [net]
    width=8
    height=8
    channels=3

    [convolutional]
    batch_normalize=1
    filters=4
    size=3
    pad=1
    activation=leaky

    [convolutional]
    filters=7
    activation=linear

    [avgpool]

    [softmax]
    """

  @Test(arguments: [1, 3, 20, 80]) func layersBeforeTheHeadAreTaken(_ count: Int) throws {
    for (text, first) in [(tinyNetwork, 2), (twoHeads, 2), (classifier, 1)] {
      let own = try build(text)
      let other =
        text == classifier
        ? try build(text.with("filters=7", "filters=\(count)"))
        : try NetworkBuilder.build(own.file.settingClassCount(count))
      for (index, parameter) in other.nodes.flatMap({ $0.layer.parameters }).enumerated() {
        parameter.values.update(
          from: randomValues(parameter.values.count, in: 0.1...1, seed: UInt64(index)))
      }
      try withTemporaryFolder { folder in
        let url = folder.appending(path: "w.weights")
        try WeightsFile.write(other.nodes, to: url)
        let report = try WeightsFile.read(
          url, into: own.nodes, outputs: own.outputs, allowPartial: true)
        #expect(report.otherClassCount == count && report.layerCount == first)
        #expect(!report.isComplete)
        for (index, (a, b)) in zip(own.nodes, other.nodes).enumerated() {
          let values = a.layer.parameters.map(\.values.values)
          if index < first {
            #expect(values == b.layer.parameters.map(\.values.values))
          } else {
            #expect(values.joined().allSatisfy { $0 == 0 || $0 == 1 })
          }
        }
        let classes = text == classifier ? 7 : 2
        #expect(
          message { try WeightsFile.read(url, into: own.nodes, outputs: own.outputs) }
            .contains("holds weights for \(count) classes, the cfg is for \(classes); take the cfg")
        )
        #expect(try WeightsFile.read(url, into: other.nodes, outputs: other.outputs).isComplete)
        // A file of the first layers is one, whatever the outputs.
        try WeightsFile.write(own.nodes, to: url, cutoff: 2)
        let partial = try WeightsFile.read(
          url, into: own.nodes, outputs: own.outputs, allowPartial: true)
        #expect(partial.otherClassCount == nil && partial.layerCount >= 2)
        // Sizes between two numbers of classes are no number of classes.
        let data = try Data(contentsOf: url)
        try (data + Data(count: 4)).write(to: url)
        let refused = message {
          try WeightsFile.read(url, into: own.nodes, outputs: own.outputs, allowPartial: true)
        }
        #expect(refused.contains("ends inside layer") || refused.contains("4 bytes are left over"))
      }
    }
  }
}
