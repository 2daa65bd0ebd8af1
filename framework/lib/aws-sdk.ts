/**
 * To be called before the AWS SDK is loaded, be it by a driver that stands on it: it warns on stderr of
 * a version of Node that is old to it alone.
 */
export function quietAwsSdk(env: NodeJS.ProcessEnv): void {
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
}
