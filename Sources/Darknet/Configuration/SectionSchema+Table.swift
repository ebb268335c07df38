import Detection

extension SectionSchema {
  /// All sections of Darknet and its successors, by name.
  static let all: [String: SectionSchema] = [
    "net": net,
    "convolutional": .layer(
      accepted(
        """
        batch_normalize filters size stride stride_x stride_y pad padding groups dilation activation
        """),
      fixed("antialiasing", "0", "there is no blur after the convolution"),
      fixed("binary xnor bin_output", "0", "weights are real numbers"),
      fixed(
        "deform assisted_excitation sway rotate stretch stretch_sway expand", "0",
        "kernels are not transformed"),
      fixed("share_index share_layer", nil, "every layer has weights of its own"),
      fixed("flipped", "0", "the weights file would have another layout"),
      fixed("dot", "0", "there is no dot-product penalty"),
      fixed("grad_centr", "0", "gradients are not centred"),
      fixed("reverse", "0", "the kernel is not reversed")),
    "convBayes": .layer(
      accepted("filters size stride stride_x stride_y pad padding groups activation"),
      accepted(bayesianKeys.joined(separator: " "))),
    "shortcut": .layer(
      accepted("from activation"),
      fixed("alpha beta", "1", "both inputs count fully"),
      fixed("weights_type weights_normalization", "none", "the sum has no weights")),
    "route": .layer(accepted("layers groups group_id"), fixed("stream", "0", "no CUDA streams")),
    "upsample": .layer(accepted("stride scale")),
    "maxpool": .layer(
      accepted("size stride stride_x stride_y padding maxpool_depth out_channels"),
      fixed("antialiasing", "0", "there is no blur after the pooling"),
      fixed("maxpool_zero_nonmax", "0", "the input of a pooling stays as it is")),
    "local_avgpool": .layer(accepted("size stride stride_x stride_y padding")),
    "avgpool": .layer(),
    "connected": .layer(
      accepted("output activation batch_normalize"),
      fixed("flipped", "0", "the weights file would have another layout")),
    "dropout": .layer(
      accepted("probability"),
      ignored("dropblock", neutral: "0", "values are dropped one by one"),
      ignored("dropblock_size_rel dropblock_size_abs", neutral: "0", "used with dropblock=1 only")),
    "batchnorm": .layer(),
    "activation": .layer(accepted("activation")),
    "crop": .layer(
      accepted("crop_width crop_height flip noadjust"),
      ignored("angle shift", neutral: "0", "[net] says how pictures vary"),
      ignored("saturation exposure", neutral: "1", "[net] says how pictures vary")),
    "scale_channels": .layer(
      accepted("from activation"), fixed("scale_wh", "0", "channels are scaled, not places")),
    "sam": .layer(accepted("from activation")),
    "softmax": .layer(
      accepted("groups noloss"), accepted(classifierKeys.joined(separator: " ")),
      fixed("temperature", "1", "logits are not divided"),
      fixed("spatial", "0", "the softmax is over all values of a group"),
      fixed("tree", nil, "class hierarchies are not built")),
    "logistic": .layer(),
    "heatmap": .layer(
      accepted("keypoints names flip skeleton sigmas kind decode max peak_window occluded"),
      accepted((heatmapKeys + heatmapBranchKeys).joined(separator: " "))),
    "reorg": .layer(
      accepted("stride"), fixed("reverse flatten extra", "0", "only YOLOv2's pass-through is built")
    ),
    "region": region,
    "yolo": yolo,
    "Gaussian_yolo": gaussian,
    "cost": .layer(accepted("type scale ratio sparse_scale noobj thresh")),
  ].merging(unsupportedSections) { known, _ in known }

  /// Keys of `[convBayes]` that a convolution has not.
  static let bayesianKeys = [
    "relative_variance", "learned", "divergence_weight", "divergence_warmup", "samples", "noise",
  ]

  /// Keys of `[yolo]` that no other tool knows: how objectness is trained.
  static let objectnessKeys = [
    "objectness_loss", "objectness_warmup", "focal_gamma", "focal_alpha", "anchor_gamma",
    "anchor_slack", "uncertainty", "branch", "branch_weight", "enlarge_variance",
    "uncertainty_measure", "uncertainty_map", "difficulty_weight", "difficulty_scope",
    "difficulty_threshold",
    "difficulty_iou", "difficulty_control", "constant_uncertainty", "uncertainty_slope",
    "uncertainty_center", "bald", "bald_clamp", "logit_scale",
  ]

  /// Keys of `[yolo]` that no other tool knows: how well boxes are placed.
  static let placeKeys =
    ["objectness_target", "expected_iou", "box_variance"] + expectedIoUKeys + boxVarianceKeys

  /// Those that go with `expected_iou=`.
  static let expectedIoUKeys = ["expected_iou_branch", "expected_iou_weight", "expected_iou_floor"]

  /// Those that go with `box_variance=`.
  static let boxVarianceKeys = ["box_variance_branch", "box_variance_weight", "box_variance_loss"]

  /// Keys of `[softmax]` that no other tool knows: how classes are trained.
  static let classifierKeys = [
    "loss", "gamma", "slack", "anchor", "probability", "ratio", "warm_up", "cls_normalizer",
    "uncertainty", "branch", "branch_weight", "uncertainty_measure", "uncertainty_map",
    "difficulty_weight", "difficulty_control", "constant_uncertainty", "uncertainty_slope",
    "uncertainty_center", "bald", "bald_clamp", "logit_scale",
  ]

  /// Keys of `[heatmap]` that say how maps are trained.
  static let heatmapKeys = [
    "loss", "gamma", "slack", "alpha", "beta", "top", "balance", "normalize", "map_normalizer",
    "warm_up", "target", "sigma", "window", "radius", "overlap", "subpixel",
  ]

  /// Keys of `[heatmap]` that speak of a branch and its weights.
  static let heatmapBranchKeys = [
    "uncertainty", "branch", "branch_weight", "uncertainty_map", "difficulty_weight",
    "difficulty_control", "constant_uncertainty", "uncertainty_slope", "uncertainty_center", "bald",
    "bald_clamp", "logit_scale",
  ]

  /// Ignored in `[net]` of anything but a network of keypoints.
  static let heatmapNetKeys: Set = ["angle", "zoom", "turned", "shift"]

  static let labelSmoothing = "label_smooth_eps"
  static let cutMix = "cutmix"
  /// Ignored in `[net]` of a detector alone.
  static let classifierNetKeys: Set = [
    labelSmoothing, cutMix, "min_crop", "max_crop", "angle", "aspect", "center", "pad",
  ]

  private static let net = SectionSchema(
    keys: [
      accepted(
        """
        batch subdivisions width height channels adam optimizer decay decay_all learning_rate \
        learning_rate_min burn_in power max_batches policy steps scales step scale gamma saturation exposure hue \
        letter_box ema_alpha sgdr_cycle sgdr_mult flip blur gaussian_noise resize_step mosaic mixup \
        mean std init bn_momentum saved_activations
        """),
      accepted(
        """
        try_fix_nan show_receptive_field track optimized_memory workspace_size_limit_MB \
        loss_scale weights_reject_freq notruth
        """),
      ignored(
        "angle", neutral: "0",
        "it is for classifiers and keypoints; pictures with boxes are not rotated"),
      ignored("min_crop max_crop", "it is for classifiers; [yolo] has jitter="),
      ignored("aspect", neutral: "1", "it is for classifiers; [yolo] has jitter="),
      ignored("center", neutral: "0", "it is for classifiers"),
      ignored("zoom shift", neutral: "0", "it is for networks of keypoints"),
      ignored("turned", "it is for networks of keypoints"),
      ignored("pad", neutral: "0", "it is for classifiers; [yolo] has jitter="),
      ignored(cutMix, neutral: "0", "it is for classifiers; detectors have mosaic="),
      ignored("mosaic_bound", neutral: "1", "objects of a mosaic always end with their quarter"),
      ignored(labelSmoothing, neutral: "0", "it is for classifiers; [yolo] has one of its own"),
      ignored("seq_scales", "every step applies its scale once"),
      ignored("dynamic_minibatch", neutral: "0", "the batch keeps its size"),
      ignored("adversarial_lr attention adversarial", neutral: "0", "pictures are not attacked"),
      ignored(
        "contrastive contrastive_jit_flip contrastive_color unsupervised", neutral: "0",
        "there is no contrastive training"),
      // Used by some optimisers: see OptimizerRule.
      ignored(
        "momentum", "it is for optimizer=sgd and nesterov; rmsprop has rmsprop_momentum="),
      ignored("B1 B2", "they are for optimizer=adam and adamw"),
      ignored("eps", "it is for optimizer=adam, adamw and rmsprop"),
      ignored("alpha rmsprop_momentum", "they are for optimizer=rmsprop"),
      ignored("clip", neutral: "0", "gradients are clipped by an option of the command only"),
      fixed("inputs", nil, "inputs are pictures: width, height and channels"),
      fixed("time_steps sequential_subdivisions", "1", "there are no recurrent layers"),
    ].reduce([:]) { $0.merging($1) { $1 } })

  private static let region = SectionSchema.layer(
    accepted(
      """
      anchors classes coords num softmax bias_match rescore object_scale noobject_scale \
      class_scale coord_scale thresh absolute jitter random max
      """),
    fixed("tree map", nil, "class hierarchies are not built"),
    fixed("background", "0", "there is no background class"),
    fixed("log", "0", "sizes are predicted as logarithms"))

  /// Its keys but for the place of things say how Darknet trains it, which is not done here.
  private static let gaussian = SectionSchema.layer(
    accepted("mask anchors classes num scale_x_y yolo_point nms_kind beta_nms"),
    accepted("ignore_thresh truth_thresh jitter resize random max objectness_smooth"),
    accepted(
      """
      uc_normalizer obj_normalizer cls_normalizer iou_normalizer delta_normalizer iou_loss max_delta \
      iou_thresh iou_thresh_kind label_smooth_eps counters_per_class
      """),
    ignored("map", "it only renumbers classes in result files"))

  private static let yolo = SectionSchema.layer(
    accepted(
      "mask anchors classes num ignore_thresh truth_thresh scale_x_y jitter resize random max"),
    accepted("obj_normalizer cls_normalizer iou_normalizer delta_normalizer"),
    accepted("iou_loss max_delta iou_thresh iou_thresh_kind objectness_smooth new_coords"),
    accepted("focal_loss label_smooth_eps counters_per_class nms_kind beta_nms"),
    accepted((objectnessKeys + placeKeys).joined(separator: " ")),
    ignored("map", "it only renumbers classes in result files"),
    ignored(
      "show_details track_history_size sim_thresh dets_for_track dets_for_show track_ciou_norm",
      "there is no tracking"),
    fixed("embedding_layer", nil, "there is no tracking"))

  private static let unsupportedSections: [String: SectionSchema] = [
    "detection": .unsupported("YOLOv1's head is not built; use a [yolo] or [region] network"),
    "local": .unsupported("locally connected layers are not built"),
    "deconvolutional": .unsupported("use [upsample] and [convolutional]"),
    "normalization": .unsupported("local response normalisation is not built"),
    "reorg3d": .unsupported("only [reorg] is built"),
    "rnn": .unsupported(recurrent), "gru": .unsupported(recurrent),
    "lstm": .unsupported(recurrent), "crnn": .unsupported(recurrent),
    "conv_lstm": .unsupported(recurrent), "history": .unsupported(recurrent),
    "l2norm": .unsupported("embeddings are not trained"),
    "contrastive": .unsupported("embeddings are not trained"),
    "iseg": .unsupported("segmentation is not built"),
    "implicit_add": .unsupported("implicit knowledge is not built"),
    "implicit_mul": .unsupported("implicit knowledge is not built"),
  ]

  private static let recurrent = "there are no recurrent layers"
}
