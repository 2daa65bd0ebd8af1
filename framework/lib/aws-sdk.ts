/**
 * Suppresses the AWS SDK's warning on stderr about the version of Node. Call it before the SDK, or a driver
 * that uses it, is loaded.
 */
export function quietAwsSdk(env: NodeJS.ProcessEnv): void {
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
}
