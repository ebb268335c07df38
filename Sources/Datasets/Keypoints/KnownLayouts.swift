import Keypoints

/// Layouts of well-known sets.
extension KeypointLayout {
  /// The 14 joints of Leeds Sports Pose and its extension, in their order.
  ///
  /// - Throws: Never: the layout is consistent.
  static func leeds() throws -> KeypointLayout {
    try KeypointLayout(
      names: [
        "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle",
        "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist",
        "neck", "head_top",
      ],
      pairs: [(0, 5), (1, 4), (2, 3), (6, 11), (7, 10), (8, 9)],
      edges: [
        (0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (6, 7), (7, 8), (8, 12), (12, 9), (9, 10),
        (10, 11), (12, 13), (8, 2), (9, 3),
      ].map { Edge($0, $1) })
  }

  /// The 16 joints of the MPII Human Pose data set, in their order.
  ///
  /// - Throws: Never: the layout is consistent.
  static func mpii() throws -> KeypointLayout {
    try KeypointLayout(
      names: [
        "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "pelvis",
        "thorax", "upper_neck", "head_top", "right_wrist", "right_elbow", "right_shoulder",
        "left_shoulder", "left_elbow", "left_wrist",
      ],
      pairs: [(0, 5), (1, 4), (2, 3), (10, 15), (11, 14), (12, 13)],
      edges: [
        (0, 1), (1, 2), (2, 6), (6, 3), (3, 4), (4, 5), (6, 7), (7, 8), (8, 9), (10, 11),
        (11, 12), (12, 7), (7, 13), (13, 14), (14, 15),
      ].map { Edge($0, $1) })
  }

  /// The names of COCO's 17 keypoints of persons, in their order.
  static let cocoNames = [
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle",
  ]

  /// σ of COCO's keypoints (`cocoeval.py` of its tools), which belong to them alone.
  static let cocoDeviations = [
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107,
    0.087, 0.087, 0.089, 0.089,
  ]

  /// A layout of names, whose flip pairs are found by ``SideNames``.
  ///
  /// - Throws: `KeypointError`.
  static func named(_ names: [String], edges: [Edge] = []) throws -> KeypointLayout {
    let deviations =
      names.map { $0.lowercased() } == cocoNames ? cocoDeviations : nil
    return try KeypointLayout(
      names: names, pairs: SideNames.pairs(of: names), edges: edges, deviations: deviations)
  }
}
