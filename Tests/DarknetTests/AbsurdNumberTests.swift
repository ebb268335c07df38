import Foundation
import Testing

@testable import Darknet

@Suite struct AbsurdNumberTests {
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
