import * as assert from 'uvu/assert';
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  NAdam,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from '../../nn/index.js';
import type { Tensor } from '../../ops/index.js';

export type Make = (parameters: readonly Tensor[]) => Optimizer;

/** `call` must throw an error of this kind with this message. */
export function throwing(
  kind: new (message: string) => Error,
  call: () => unknown,
  message: string,
): void {
  assert.throws(call, (error: Error) => {
    assert.is(error.message, message);
    return error instanceof kind;
  });
}

export const gradients = [0.5, -0.25, 1, 0.125, -0.75, 2, 0.5, -1];

/**
 * Where PyTorch 1.13 takes a parameter from 1 by these gradients; NAdam with the product of its momenta
 * as in PyTorch 2, which follows the paper.
 */
export const reference: [string, Make, number[]][] = [
  [
    'SGD with momentum, dampening, weightDecay',
    (p) => new SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.2, weightDecay: 0.1 }),
    [
      0.94, 0.89848, 0.77392416, 0.64563251072, 0.5850049662822, 0.365760136558, 0.1255137087137,
      -0.01171218601585,
    ],
  ],
  [
    'SGD with momentum, nesterov, weightDecay',
    (p) => new SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
    [
      0.886, 0.868066, 0.630906146, 0.479537654626, 0.4936229522655, 0.05373672293965,
      -0.2537392746191, -0.2901629956977,
    ],
  ],
  [
    'Adam with weightDecay',
    (p) => new Adam(p, { lr: 0.1, weightDecay: 0.1 }),
    [
      0.9000000016667, 0.8544413674618, 0.7815043998632, 0.7132079291058, 0.6881199524581,
      0.632895403875, 0.5747715931059, 0.5436735370387,
    ],
  ],
  [
    'Adam with betas, weightDecay, amsgrad',
    (p) => new Adam(p, { lr: 0.1, betas: [0.5, 0.6], weightDecay: 0.1, amsgrad: true }),
    [
      0.9000000016667, 0.8803236077281, 0.7999552584364, 0.7464464738991, 0.7657105012182,
      0.6970829670445, 0.6424650241656, 0.6484157517459,
    ],
  ],
  [
    'AdamW',
    (p) => new AdamW(p, { lr: 0.1 }),
    [
      0.899000002, 0.8714672987058, 0.8047846723764, 0.7440822145271, 0.7306998507463,
      0.6807605554423, 0.6277647191907, 0.6029520928175,
    ],
  ],
  [
    'AdamW with betas, eps, weightDecay',
    (p) => new AdamW(p, { lr: 0.1, betas: [0.5, 0.6], eps: 0.01, weightDecay: 0.5 }),
    [
      0.8519607843137, 0.809362745098, 0.6945339719132, 0.6017331248575, 0.605796460783,
      0.5107534390905, 0.422727901404, 0.415785183435,
    ],
  ],
  [
    'AdamW with betas, weightDecay, amsgrad',
    (p) => new AdamW(p, { lr: 0.1, betas: [0.5, 0.6], weightDecay: 0.5, amsgrad: true }),
    [
      0.850000002, 0.8075000019, 0.6917839453027, 0.6108874000781, 0.6126331788805, 0.5167815468057,
      0.4399339946078, 0.4291334188864,
    ],
  ],
  [
    'RMSprop',
    (p) => new RMSprop(p),
    [
      0.90000002, 0.9449013374422, 0.8574273783929, 0.8465038103038, 0.9015133134376,
      0.8187546610855, 0.798396244511, 0.8362697292873,
    ],
  ],
  [
    'RMSprop with alpha, eps, weightDecay, momentum',
    (p) => new RMSprop(p, { lr: 0.1, alpha: 0.8, eps: 0.01, weightDecay: 0.1, momentum: 0.5 }),
    [
      0.7844271288178, 0.7421293126991, 0.5222865257394, 0.3762835554287, 0.4338796916903,
      0.266524724372, 0.1281238995365, 0.1607530149161,
    ],
  ],
  [
    'RMSprop with alpha, momentum, centered',
    (p) => new RMSprop(p, { lr: 0.1, alpha: 0.8, momentum: 0.5, centered: true }),
    [
      0.7500000125, 0.7350563771957, 0.4992621607016, 0.3496178233362, 0.4192130692027,
      0.2367271024646, 0.08480860779079, 0.11607446649,
    ],
  ],
  [
    'Adagrad',
    (p) => new Adagrad(p),
    [
      0.990000000002, 0.9944721359562, 0.9857434203475, 0.9846587680585, 0.9901133135127,
      0.981872894271, 0.9798551611819, 0.9835974033395,
    ],
  ],
  [
    'Adagrad with lrDecay, weightDecay, initialAccumulatorValue, eps',
    (p) =>
      new Adagrad(p, {
        lr: 0.1,
        lrDecay: 0.5,
        weightDecay: 0.1,
        initialAccumulatorValue: 0.25,
        eps: 0.01,
      }),
    [
      0.9241490440147, 0.9371710324548, 0.8970541467433, 0.8908312104782, 0.9052192636594,
      0.8822056906984, 0.8766803365361, 0.883884961322,
    ],
  ],
  [
    'Adadelta',
    (p) => new Adadelta(p),
    [
      0.9968377855835, 0.9989228726113, 0.9946161569991, 0.9938733205148, 0.997535461654,
      0.9915518642813, 0.9895724751406, 0.9932821023894,
    ],
  ],
  [
    'Adadelta with rho, eps, weightDecay',
    (p) => new Adadelta(p, { lr: 0.5, rho: 0.6, eps: 0.01, weightDecay: 0.1 }),
    [
      0.9235529212844, 0.9571767627832, 0.8595033312452, 0.8287974637355, 0.910144925067,
      0.7847759494435, 0.7308263650214, 0.8134605605409,
    ],
  ],
  [
    'NAdam',
    (p) => new NAdam(p),
    [
      0.9978870964855, 0.9987093159232, 0.9967131117215, 0.9962753738526, 0.9975941616186,
      0.9951502641342, 0.9943153588392, 0.9953555136929,
    ],
  ],
  [
    'NAdam with betas, eps, weightDecay, momentumDecay',
    (p) =>
      new NAdam(p, { lr: 0.1, betas: [0.5, 0.6], eps: 0.01, weightDecay: 0.1, momentumDecay: 0.5 }),
    [
      0.8879442956023, 0.9152836466883, 0.7987466837685, 0.7579446347391, 0.838666676534,
      0.7157157658913, 0.6617961757978, 0.7253074872088,
    ],
  ],
  [
    'RAdam',
    (p) => new RAdam(p),
    [
      0.9995, 0.9993947368421, 0.9989593124879, 0.9986141540116, 0.9985364269719, 0.9985237207665,
      0.998506593433, 0.9984972246353,
    ],
  ],
  [
    'RAdam with betas, eps, weightDecay',
    (p) => new RAdam(p, { lr: 0.1, betas: [0.5, 0.9], eps: 0.01, weightDecay: 0.1 }),
    [
      0.94, 0.9304, 0.8638262857143, 0.8214848121905, 0.8354667582289, 0.8132136875442,
      0.7886307673493, 0.791367028302,
    ],
  ],
  [
    'Adamax',
    (p) => new Adamax(p),
    [
      0.99800000004, 0.9975785259427, 0.996707677243, 0.9960166692893, 0.9958609038365,
      0.995372924737, 0.994882150699, 0.9946530772006,
    ],
  ],
  [
    'Adamax with betas, eps, weightDecay',
    (p) => new Adamax(p, { lr: 0.1, betas: [0.5, 0.6], eps: 0.01, weightDecay: 0.1 }),
    [
      0.9016393442623, 0.8761085729643, 0.8158377809559, 0.7522305230138, 0.7734900457634,
      0.7263715887734, 0.6643739525309, 0.6730540531258,
    ],
  ],
];
