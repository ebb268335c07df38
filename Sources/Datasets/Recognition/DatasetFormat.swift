/// The formats of data sets that can be trained on.
package enum DatasetFormat: String, Sendable, CaseIterable {
  /// PASCAL VOC's XML.
  case voc = "VOC"
  /// COCO's JSON.
  case coco = "COCO"
  /// YOLO's text files.
  case yolo = "YOLO"
  /// CIFAR-10's binary files.
  case cifar10 = "CIFAR-10"
  /// CIFAR-100's binary files, by the fine labels.
  case cifar100 = "CIFAR-100"
  /// Folders that are named for the class of their pictures.
  case classFolders = "class folders"
  /// CSV of paths and classes.
  case classTable = "CSV of classes"
  /// Darknet's lists of pictures whose paths contain their classes.
  case darknetList = "Darknet's class lists"
  /// Leeds Sports Pose, `joints.mat`.
  case leeds = "LSP"
  /// Its extension.
  case leedsExtension = "LSPET"
  /// Lists of MPII's persons in JSON.
  case mpii = "MPII"
  /// COCO's JSON with keypoints, in a dialect that does not serve for boxes.
  case cocoKeypoints = "COCO keypoints"
  /// DeepLabCut's CSV.
  case deepLabCut = "DeepLabCut"
  /// CSV of a picture's keypoints in a row.
  case keypointTable = "CSV of keypoints"
  /// Pictures of dots beside pictures.
  case dotImages = "dot images"
  /// CSV of objects' centres.
  case dotList = "CSV of dots"
  /// Our own JSON of keypoints.
  case keypointFile = "keypoint JSON"

  /// Whether samples have objects with boxes.
  package var hasObjects: Bool { [.voc, .coco, .yolo].contains(self) }
  /// Whether samples have one class each.
  package var hasClasses: Bool {
    [.cifar10, .cifar100, .classFolders, .classTable, .darknetList].contains(self)
  }
}
