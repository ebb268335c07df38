import Compute
import Foundation
import TestSupport
import Testing

@testable import Darknet

@Suite struct ConfigurationFuzzTests {
  /// Whatever is in the file, it is a network or an error, never a trap.
  @Test(arguments: 0..<8)
  func mutationsNeverTrap(_ seed: UInt64) throws {
    var generator = SystemRandomNumberGeneratorWithSeed(seed: seed)
    let source = Array(
      try String(
        contentsOf: packageRoot.appending(path: "Models/small-voc.cfg"), encoding: .utf8
      ).utf8)
    let joints = Array(
      "\n[route]\nlayers=-1,-2\n[shortcut]\nfrom=-2\n[maxpool]\nsize=2\n[dropout]\n[avgpool]\n".utf8
    )
    var built = 0
    for round in 0..<60 {
      var bytes = round % 2 == 0 ? source : source + joints
      switch round % 3 {
      case 0: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      case 1:
        for _ in 0..<3 {
          let place = Int.random(in: 0..<bytes.count, using: &generator)
          bytes[place] = UInt8.random(in: 0...255, using: &generator)
        }
      default:
        // Digits, which keep the file well formed and make numbers absurd.
        let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
        guard let place = digits.randomElement(using: &generator) else { continue }
        let count = Int.random(in: 1...20, using: &generator)
        bytes.insert(
          contentsOf: (0..<count).map { _ in UInt8.random(in: 45...57, using: &generator) },
          at: place)
      }
      do {
        let file = try parse(String(decoding: bytes, as: UTF8.self), lenient: round % 4 == 0)
        #expect(try parse(file.serialized(), lenient: true) == file)
        _ = try NetworkBuilder.build(
          file, limits: LayerLimits(parameters: 4 << 20), on: HostMemory())
        built += 1
      } catch is DarknetError {}
    }
    #expect(built < 60)
  }

  @Test func absurdNumbers() {
    for value in ["9999999999999999999", "-1", "1000000", "0", "1e9", "nan", "", "1,2"] {
      for key in ["width", "filters", "size", "stride", "groups", "classes", "anchors", "num"] {
        let lines = tinyNetwork.split(separator: "\n", omittingEmptySubsequences: false).map {
          $0.hasPrefix("\(key)=") ? "\(key)=\(value)" : String($0)
        }
        #expect(throws: (any Error).self, "\(key)=\(value)") {
          try build(lines.joined(separator: "\n"))
        }
      }
    }
  }
}
