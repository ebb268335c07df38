import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct MATLABFileTests {
  private static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](
      try Data(contentsOf: packageRoot.appending(path: "Tests/Golden/matlab/\(name).mat")))
  }

  private func reason(_ bytes: [UInt8]) -> String? {
    do {
      _ = try MATLABFile(bytes, file: "x.mat")
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: ["plain", "compressed"]) func readsWhatSciPyWrote(_ name: String) throws {
    let file = try MATLABFile(try Self.bytes(name), file: name)
    #expect(file.names.count == 17 && file.names.first == "joints")
    let joints = try #require(file["joints"])
    #expect(joints.shape == [2, 3, 4])
    let numbers = try #require(joints.numbers)
    for k in 0..<4 {
      for j in 0..<3 {
        for i in 0..<2 {
          #expect(numbers[i + 2 * (j + 3 * k)] == Double(100 * i + 10 * j + k) + 0.5)
        }
      }
    }
    #expect(file["bytes"]?.numbers == [0, 3, 1, 4, 2, 5])
    #expect(file["signed"]?.numbers == [-128, 127])
    #expect(file["shorts"]?.numbers == [-32768, 32767])
    #expect(file["words"]?.numbers == [65535])
    #expect(file["longs"]?.numbers == [-2_147_483_648, 2_147_483_647])
    #expect(file["wide"]?.numbers == [-1_099_511_627_776, 1_099_511_627_776])
    let single = try #require(file["single"]?.numbers)
    #expect(single[0] == Double(Float(0.1)) && single[1].isNaN)
    #expect(file["truth"]?.numbers == [1, 0, 1])
    #expect(file["text"]?.text == "Größe")
    #expect(file["rows"]?.content == .text(["ab", "cd"]) && file["rows"]?.text == nil)
    #expect(file["nothing"] == MATLABArray(shape: [0, 3], content: .numbers([])))
    #expect(file["complex"]?.content == .unread("complex numbers"))
    #expect(file["sparse"]?.content == .unread("a sparse matrix"))
    #expect(file["absent"] == nil)
  }

  @Test(arguments: ["plain", "compressed"]) func readsRecordsAndCells(_ name: String) throws {
    let file = try MATLABFile(try Self.bytes(name), file: name)
    let person = try #require(file["person"])
    #expect(person["name"]?.first?.text == "Ann" && person["scale"]?.first?.numbers == [1.5])
    #expect(person["points"]?.first?.numbers == [1, 3, 2, 4.5] && person["age"] == nil)
    let records = try #require(file["records"])
    #expect(records.shape == [1, 2])
    #expect(records["id"]?.map(\.numbers) == [[7], [8]])
    #expect(records["score"]?.map(\.numbers) == [[0.5, -0.25], []])
    let cells = try #require(file["cells"]?.cells)
    #expect(cells.map(\.text) == ["left", nil, nil, nil])
    #expect(cells[1].numbers == [1, 2, 3] && cells[3].numbers == [2.5])
    #expect(cells[2].cells?.map(\.text) == ["deep"])
  }

  @Test func readsTheOtherByteOrder() throws {
    let file = try MATLABFile(try Self.bytes("bigEndian"), file: "x")
    #expect(file.names == ["a"] && file["a"]?.numbers == [1.5, -2])
  }

  @Test func namesTheVariablesThatAreThere() throws {
    let file = try MATLABFile(try Self.bytes("bigEndian"), file: "x")
    #expect(throws: FileError(path: "x.mat", reason: "no variable 'joints'; there is a")) {
      try file.require("joints", file: "x.mat")
    }
  }

  @Test func refusesOtherVersionsByName() throws {
    let remedy = "; save it with save(…, '-v7')"
    let hdf5 = [UInt8](#"MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 ."#.utf8)
    let hdf5Reason = "x.mat: MATLAB's version 7.3, which is HDF5, is not read" + remedy
    #expect(reason(hdf5 + [UInt8](repeating: 32, count: 500)) == hdf5Reason)
    #expect(reason([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0]) == hdf5Reason)
    #expect(
      reason([1, 2, 3]) == "x.mat: is no MATLAB file of version 5: 3 bytes, the header has 128")
    #expect(
      reason([UInt8](repeating: 0, count: 200))
        == "x.mat: is no MATLAB file of version 5: its header does not end in IM or MI" + remedy)
    var newer = try Self.bytes("plain")
    newer[125] = 3
    #expect(reason(newer) == "x.mat: a MATLAB file of version 3.0 is not read" + remedy)
  }

  @Test func saysWhereAFileEnds() throws {
    let whole = try Self.bytes("plain")
    #expect(
      reason(Array(whole[..<300]))
        == "x.mat: the variable at byte 128: it ends after 164 of 256 bytes of an element; "
        + "fetch the file again")
    var fewer = try Self.bytes("bigEndian")
    // The second dimension of the array of 1 x 2.
    fewer[167] = 1
    #expect(reason(fewer)?.contains("'a' has 16 bytes for 1 numbers of 8") == true)
    // The checksum alone, at the end of the first variable.
    var last = try Self.bytes("compressed")
    last[135 + Int(last[132])] ^= 1
    #expect(reason(last)?.contains("byte 128: its compressed data are damaged") == true)
    var damaged = try Self.bytes("compressed")
    damaged[150] ^= 0xFF
    #expect(
      reason(damaged)
        == "x.mat: the variable at byte 128: its compressed data are damaged; fetch the file again")
  }

  /// Whatever is cut off or changed: a result, or an error of one line.
  @Test(arguments: ["plain", "compressed", "bigEndian"]) func neverTraps(_ name: String) throws {
    let whole = try Self.bytes(name)
    let file = try MATLABFile(whole, file: name)
    var errors = 0
    for count in 0..<whole.count {
      guard let text = reason(Array(whole[..<count])) else {
        let part = try MATLABFile(Array(whole[..<count]), file: name)
        #expect(file.names.starts(with: part.names))
        continue
      }
      #expect(text.hasPrefix("x.mat: ") && !text.contains("\n"))
      errors += 1
    }
    #expect(errors > whole.count - 100)
    errors = 0
    for place in whole.indices {
      for flip: UInt8 in [0x01, 0x02, 0x10, 0x80, 0xFF] {
        var changed = whole
        changed[place] ^= flip
        if let text = reason(changed) {
          #expect(text.hasPrefix("x.mat: ") && !text.contains("\n"))
          errors += 1
        }
      }
    }
    #expect(errors > whole.count / 4)
  }

  @Test(.needsShared("datasets/lspet-mini/joints.mat", "datasets/mpii-pckh-reference"))
  func readsRealFiles() throws {
    let lspet = try MATLABFile(contentsOf: try sharedData("datasets/lspet-mini/joints.mat"))
    #expect(lspet.names == ["joints"] && lspet["joints"]?.shape == [14, 3, 10_000])
    let mpii = try MATLABFile(
      contentsOf: try sharedData("datasets/mpii-pckh-reference/detections_our_format.mat"))
    #expect(
      mpii["pos_gt_src"]?.shape == [16, 2, 2958] && mpii["headboxes_src"]?.numbers?.count == 11832)
    #expect(
      mpii["dataset_joints"]?.cells?.compactMap(\.text).prefix(3) == ["rank", "rkne", "rhip"])
    let persons = try MATLABFile(
      contentsOf: try sharedData("datasets/mpii-pckh-reference/detections.mat"))
    #expect(persons["annolist"]?["annorect"]?.count == 2958)
    let predictions = try MATLABFile(
      contentsOf: try sharedData("datasets/pose-oracle/bearpaw-hg_s8_b1.mat"))
    #expect(predictions["preds"]?.shape == [2958, 16, 2])
  }
}
