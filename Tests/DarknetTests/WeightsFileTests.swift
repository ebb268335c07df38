import Compute
import Foundation
import Layers
import Networks
import TestSupport
import Testing

@testable import Darknet

@Suite struct WeightsFileTests {
  /// Floats 1, 2, 3, … after a header, as a file of `tinyNetwork`.
  private func counting(_ floats: Int, major: Int32 = 0, minor: Int32 = 2) -> Data {
    var data = Data()
    for word in [major, minor, 5, 77] { append(word, to: &data) }
    if major * 10 + minor >= 2 && major < 1000 && minor < 1000 { append(Int32(0), to: &data) }
    for i in 0..<floats { append(Float(i + 1).bitPattern, to: &data) }
    return data
  }

  private func append(_ value: some FixedWidthInteger, to data: inout Data) {
    withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
  }

  private func read(
    _ data: Data, into network: NetworkDefinition, partial: Bool = false, cutoff: Int? = nil
  ) throws -> WeightsFile.Report {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "w.weights")
      try data.write(to: url)
      do {
        return try WeightsFile.read(
          url, into: network.nodes, allowPartial: partial, cutoff: cutoff)
      } catch DarknetError.weights(_, let reason) {
        throw DarknetError.weights(file: "w.weights", reason: reason)
      }
    }
  }

  private func values(_ network: NetworkDefinition, _ layer: Int, _ name: String) throws -> [Float]
  {
    let parameter = network.nodes[layer].layer.parameters.first { $0.name == name }
    return try #require(parameter).values.values
  }

  @Test func orderOfAFile() throws {
    let network = try build(tinyNetwork)
    #expect(network.parameterCount == 246)
    let report = try read(counting(246), into: network)
    #expect(
      report
        == .init(
          header: WeightsHeader(seen: 77), layerCount: 4, weightedLayersLoaded: 3,
          weightedLayers: 3))
    #expect(try values(network, 0, "biases") == [1, 2, 3, 4])
    // File: filter, channel, row, column. Memory: row, column, channel, filter.
    let first = try values(network, 0, "weights")
    for filter in 0..<4 {
      for channel in 0..<3 {
        for row in 0..<3 {
          for column in 0..<3 {
            let place = ((filter * 3 + channel) * 3 + row) * 3 + column
            #expect(first[((row * 3 + column) * 3 + channel) * 4 + filter] == Float(5 + place))
          }
        }
      }
    }
    #expect(try values(network, 1, "biases") == [113, 114, 115, 116, 117, 118])
    #expect(try values(network, 1, "scales") == [119, 120, 121, 122, 123, 124])
    #expect(try values(network, 1, "rolling_mean") == [125, 126, 127, 128, 129, 130])
    #expect(try values(network, 1, "rolling_variance") == [131, 132, 133, 134, 135, 136])
    // Two groups: each filter has 2 of the 4 channels.
    #expect(
      try values(network, 1, "weights")
        == [137, 139, 141, 143, 145, 147, 138, 140, 142, 144, 146, 148])
  }

  @Test(arguments: [(Int32(0), Int32(2), 20), (0, 1, 16), (1, 0, 20), (1001, 0, 16), (0, 1002, 16)])
  func headers(_ major: Int32, _ minor: Int32, _ bytes: Int) throws {
    let network = try build(tinyNetwork)
    let report = try read(counting(246, major: major, minor: minor), into: network)
    #expect(report.header.byteCount == bytes && report.header.seen == 77)
    #expect(report.header.isTransposed == (major > 1000 || minor > 1000))
    #expect(try values(network, 0, "biases") == [1, 2, 3, 4])
  }

  @Test func connectedInputsAreReordered() throws {
    let text = """
      [net]
      width=3
      height=2
      channels=3
      [connected]
      output=2
      batch_normalize=1
      activation=linear
      """
    let network = try build(text)
    _ = try read(counting(2 + 36 + 6), into: network)
    // File: output, channel, row, column. Memory: row, column, channel, output.
    let expected = (0..<36).map { place -> Float in
      let (output, channel) = (place % 2, place / 2 % 3)
      let (column, row) = (place / 6 % 3, place / 18)
      return Float(3 + output * 18 + channel * 6 + row * 3 + column)
    }
    #expect(try values(network, 0, "weights") == expected)
    #expect(try values(network, 0, "scales") == [39, 40])
    _ = try read(counting(2 + 36 + 6, major: 1001), into: network)
    let transposed = (0..<36).map { place -> Float in
      let (output, channel) = (place % 2, place / 2 % 3)
      let (column, row) = (place / 6 % 3, place / 18)
      return Float(3 + (channel * 6 + row * 3 + column) * 2 + output)
    }
    #expect(try values(network, 0, "weights") == transposed)
  }

  @Test(arguments: [0, 1, 2]) func roundTripIsExact(_ version: Int) throws {
    let network = try build(tinyNetwork + "\n[avgpool]\n[conn]\noutput=3")
    var seed: UInt64 = 3
    for parameter in network.nodes.flatMap({ $0.layer.parameters }) {
      seed += 1
      parameter.values.update(from: randomValues(parameter.values.count, in: 0.1...1, seed: seed))
    }
    let header = [
      WeightsHeader(seen: 1 << 40), WeightsHeader(minor: 1, seen: 9),
      WeightsHeader(major: 1001, seen: 9),
    ][version]
    try withTemporaryFolder { folder in
      let (first, second) = (folder.appending(path: "a"), folder.appending(path: "b"))
      try WeightsFile.write(network.nodes, to: first, header: header)
      let other = try NetworkBuilder.build(network.file)
      #expect(try WeightsFile.read(first, into: other.nodes).header == header)
      for (a, b) in zip(network.nodes, other.nodes) {
        #expect(a.layer.parameters.map(\.values.values) == b.layer.parameters.map(\.values.values))
      }
      try WeightsFile.write(other.nodes, to: second, header: header)
      #expect(try Data(contentsOf: first) == Data(contentsOf: second))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    }
  }

  @Test(arguments: [
    (
      counted: 245, partial: false,
      "w.weights: ends inside layer 2 ([convolutional], line 20 of the cfg), which needs 392 bytes "
        + "where 388 are left (1000 bytes; the cfg asks for 1004): the file is truncated or belongs "
        + "to another cfg; it may come from a 32-bit Darknet, which wrote a shorter header"
    ),
    (
      counted: 120, partial: true,
      "w.weights: ends inside layer 1 ([convolutional], line 13 of the cfg), which needs 144 bytes "
        + "where 32 are left (500 bytes; the cfg asks for 1004): the file is truncated or belongs "
        + "to another cfg"
    ),
    (
      counted: 148, partial: false,
      "w.weights: ends before layer 2 ([convolutional], line 20 of the cfg) (612 bytes; the cfg "
        + "asks for 1004); a file of the first layers must be asked for"
    ),
    (
      counted: 247, partial: true,
      "w.weights: 4 bytes are left over after the last layer (1008 bytes; the cfg asks for 1004): "
        + "the file belongs to another cfg"
    ),
    (
      counted: 0, partial: true,
      "w.weights: ends before layer 0 ([convolutional], line 6 of the cfg) (20 bytes; the cfg asks "
        + "for 1004); a file of the first layers must be asked for"
    ),
  ])
  func wrongSizes(_ counted: Int, _ partial: Bool, _ expected: String) throws {
    let network = try build(tinyNetwork)
    #expect(message { try read(counting(counted), into: network, partial: partial) } == expected)
    #expect(try values(network, 0, "biases") == [0, 0, 0, 0])
  }

  @Test func noWeightsFile() throws {
    let network = try build(tinyNetwork)
    let expected = "w.weights: no Darknet weights file: it does not begin with a version"
    for data in [Data(), Data("[net]\nwidth=416\nheight=416".utf8), counting(0).prefix(19)] {
      #expect(message { try read(data, into: network) } == expected)
    }
  }

  @Test func partialFiles() throws {
    let network = try build(tinyNetwork)
    let report = try read(counting(148), into: network, partial: true)
    #expect(report.layerCount == 2 && report.weightedLayersLoaded == 2 && !report.isComplete)
    #expect(try values(network, 1, "biases").first == 113)
    #expect(try values(network, 2, "biases").first == 0)
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "x.conv.2")
      try WeightsFile.write(network.nodes, to: url, header: WeightsHeader(seen: 77), cutoff: 2)
      #expect(try Data(contentsOf: url) == counting(148))
    }
    let cut = try build(tinyNetwork)
    let first = try read(counting(246), into: cut, cutoff: 1)
    #expect(first.layerCount == 1 && first.weightedLayersLoaded == 1)
    #expect(try values(cut, 0, "biases").first == 1)
    #expect(try values(cut, 1, "biases").first == 0)
  }

  @Test(arguments: [Float.nan, .infinity]) func valuesMustBeFinite(_ value: Float) throws {
    let network = try build(tinyNetwork)
    var data = counting(246)
    withUnsafeBytes(of: value.bitPattern.littleEndian) {
      data.replaceSubrange((20 + 4 * 120)..<(20 + 4 * 121), with: $0)
    }
    #expect(
      message { try read(data, into: network) }
        == "w.weights: scales of layer 1 ([convolutional], line 13 of the cfg) has the value "
        + "\(value) at 2: the training that wrote it had diverged, or the file belongs to another cfg"
    )
    #expect(try values(network, 0, "biases") == [0, 0, 0, 0])
  }

  @Test func unwritableAndAbsentFiles() throws {
    let network = try build(tinyNetwork)
    let absent = URL(filePath: "/proc/no/such/folder/w")
    #expect(
      message { try WeightsFile.write(network.nodes, to: absent) }
        == "/proc/no/such/folder/w: cannot be written: No such file or directory")
    #expect(
      message { try WeightsFile.read(absent, into: network.nodes) }
        == "/proc/no/such/folder/w: no such file")
  }
}
