import Foundation

/// Four annotated images of 64 x 64 pixels with all objects found, in every format that `detector
/// eval` reads: folders `voc`, `labels`, `comp4`, `yolo` and files `coco.json`, `results.json`,
/// `ours.json`, `names.txt`.
enum EvaluationFiles {
  private struct Object {
    let name: String
    let classIndex: Int
    /// Left, top, right, bottom.
    let edges: [Int]

    var size: [Int] { [edges[0], edges[1], edges[2] - edges[0], edges[3] - edges[1]] }
    var shares: String {
      let x = size[0] * 2 + size[2]
      let y = size[1] * 2 + size[3]
      return
        "\(classIndex) \(Double(x) / 128) \(Double(y) / 128) \(Double(size[2]) / 64) \(Double(size[3]) / 64)"
    }
    var corners: String { "\(edges[0] + 1) \(edges[1] + 1) \(edges[2]) \(edges[3])" }
  }

  private static let objects = [
    [Object(name: "a", classIndex: 0, edges: [8, 8, 32, 32])],
    [
      Object(name: "b", classIndex: 1, edges: [16, 16, 48, 48]),
      Object(name: "a", classIndex: 0, edges: [40, 8, 60, 32]),
    ],
    [Object(name: "a", classIndex: 0, edges: [4, 4, 40, 40])],
    [Object(name: "b", classIndex: 1, edges: [24, 24, 56, 56])],
  ]

  /// Writes everything into the folder of `program`, which has the fixture's `data`.
  static func write(for program: Program) throws {
    let photo = try program.bytes("data/JPEGImages/000001.jpg")
    for folder in [
      "voc/Annotations", "voc/JPEGImages", "voc/ImageSets/Main", "labels", "comp4", "yolo",
    ] {
      try FileManager.default.createDirectory(
        at: program.folder.appending(path: folder), withIntermediateDirectories: true)
    }
    func put(_ text: String, _ name: String) throws {
      try program.write(Data(text.utf8), to: name)
    }
    var images: [String] = []
    var ours: [String] = []
    var annotations: [String] = []
    var results: [String] = []
    var lines = ["a": "", "b": ""]
    for (index, some) in objects.enumerated() {
      let id = "i\(index + 1)"
      try program.write(photo, to: "voc/JPEGImages/\(id).jpg")
      let xml = some.map { object in
        let names = ["xmin", "ymin", "xmax", "ymax"]
        let corners = zip(names, object.corners.split(separator: " "))
          .map { "<\($0)>\($1)</\($0)>" }.joined()
        return "<object><name>\(object.name)</name><bndbox>\(corners)</bndbox></object>"
      }
      try put(
        "<annotation><filename>\(id).jpg</filename><size><width>64</width><height>64</height>"
          + "</size>\(xml.joined())</annotation>", "voc/Annotations/\(id).xml")
      try put(some.map { $0.shares + "\n" }.joined(), "labels/\(id).txt")
      try put(some.map { $0.shares + " 0.9\n" }.joined(), "yolo/\(id).txt")
      images.append(
        "{\"id\": \(index + 1), \"file_name\": \"\(id).jpg\", \"width\": 64, \"height\": 64}")
      let found = some.map {
        "{\"class\": \"\($0.name)\", \"confidence\": 0.9, \"box\": \($0.size)}"
      }
      ours.append(
        "{\"file\": \"\(id)\", \"width\": 64, \"height\": 64,\n\"detections\": [\(found.joined(separator: ",\n"))]}"
      )
      for object in some {
        let place =
          "\"image_id\": \(index + 1), \"category_id\": \(object.classIndex + 1), \"bbox\": \(object.size)"
        annotations.append("{\(place), \"iscrowd\": 0}")
        results.append("{\(place), \"score\": 0.9}")
        lines[object.name, default: ""] += "\(id) 0.9 \(object.corners)\n"
      }
    }
    try put("i1\ni2\ni3\ni4\n", "voc/ImageSets/Main/val.txt")
    try put("a\nb\n", "names.txt")
    try put("{\"images\": [\n\(ours.joined(separator: ",\n"))\n]}\n", "ours.json")
    try put("[\n\(results.joined(separator: ",\n"))\n]\n", "results.json")
    try put(
      "{\"images\": [\n\(images.joined(separator: ",\n"))\n],\n"
        + "\"categories\": [{\"id\": 1, \"name\": \"a\"}, {\"id\": 2, \"name\": \"b\"}],\n"
        + "\"annotations\": [\n\(annotations.joined(separator: ",\n"))\n]}\n", "coco.json")
    for (name, text) in lines { try put(text, "comp4/comp4_det_val_\(name).txt") }
  }
}
