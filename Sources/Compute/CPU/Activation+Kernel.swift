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
    case .hardMish: CK_HARD_MISH
    case .gelu: CK_GELU
    case .elu: CK_ELU
    case .selu: CK_SELU
    case .tanh: CK_TANH
    case .loggy: CK_LOGGY
    case .hardtan: CK_HARDTAN
    case .relie: CK_RELIE
    case .ramp: CK_RAMP
    }
  }
}
