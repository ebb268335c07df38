import CKernels

extension Activation {
  var kernel: ck_activation {
    switch self {
    case .linear: CK_LINEAR
    case .leaky: CK_LEAKY
    case .relu: CK_RELU
    case .relu6: CK_RELU6
    case .logistic: CK_LOGISTIC
    case .mish: CK_MISH
    case .swish: CK_SWISH
    }
  }
}
