/** `ballast/client`: for programs that place orders. */
export { clientOn, type Client, type ClientOptions } from './client.ts';
export { openClient, type OpenClientOptions } from './open.ts';
export { type Plan, type PlanAction } from './plan.ts';
export { type Execution, type PositionSnapshot, type Result } from './reports.ts';
export { type PermitAnswer, type RequestOptions } from './request.ts';
export { permittedQty, type Refusal, type TakenPermit, type TakeResult } from './take.ts';
export { type Target } from './target.ts';
export { type BlockRecord } from '../contract/governor-records.ts';
export { type Permit } from '../contract/permit-record.ts';
export { verifierOf, type Verified, type Verifier, type VerifyingKeys } from '../signing/verifier.ts';
export { StoreError } from '../store/store.ts';
