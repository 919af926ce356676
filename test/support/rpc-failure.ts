/** A refusal as a caller got it, the same for every transport. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly code: number;
  readonly kind: string;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  readonly question: { readonly zh: string; readonly en: string } | undefined;

  constructor(code: number, message: string, data: FailureData = {}) {
    super(message);
    this.code = code;
    this.kind = data.kind ?? '';
    this.field = data.field;
    this.hint = data.hint;
    this.question = data.question;
  }
}

interface FailureData {
  readonly kind?: string;
  readonly field?: string;
  readonly hint?: string;
  readonly question?: { readonly zh: string; readonly en: string };
}

/** A JSON-RPC response as it was received. */
export interface RpcResponse {
  readonly jsonrpc: '2.0';
  readonly id: string | number | null;
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the shape
  readonly result?: any;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: FailureData;
  };
}

/** The result of a response; throws an `RpcFailure` for an error. */
export function resultOf({ result, error }: RpcResponse): unknown {
  if (error) throw new RpcFailure(error.code, error.message, error.data);
  return result;
}

/** The failure of a call that must be refused; throws when it was not. */
export async function failureOf(call: Promise<unknown>): Promise<RpcFailure> {
  try {
    await call;
  } catch (error) {
    if (error instanceof RpcFailure) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}
