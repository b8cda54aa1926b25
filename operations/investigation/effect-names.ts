/**
 * Calls whose effect their name tells, whatever their parameters say. Names are written per service where another service
 * has a call of the same name that means something else.
 */
function namesIn(table: Readonly<Record<string, string>>): (service: string, name: string) => boolean {
  const names = new Map(Object.entries(table).map(([service, list]) => [service, new Set(list.split(/\s+/))]));
  return (service, name) => names.get(service)?.has(name) === true || names.get('*')?.has(name) === true;
}

/** Calls that can only close, protect or record: grants and credentials taken away, guards and logs set up. */
export const isGuarding = namesIn({
  '*': `AssociateResolverQueryLogConfig AssociateWebACL CancelKeyDeletion CreateDetector CreateFlowLogs CreateTrail
    DeleteFunctionUrlConfig DisableSerialConsoleAccess EnableAlarmActions EnableEbsEncryptionByDefault EnableKey
    EnableKeyRotation EnableMacie EnableSecurityHub EnableSnapshotBlockPublicAccess EnableImageBlockPublicAccess
    PutBucketEncryption PutInsightSelectors RemovePermission RestoreSecret RevokeSecurityGroupEgress
    RevokeSecurityGroupIngress StartConfigurationRecorder StartLogging RevokeGrant RetireGrant DeleteResourcePolicy
    DeleteRepositoryPolicy DeleteRegistryPolicy DeleteAccessPointPolicy DeleteBackupVaultAccessPolicy
    DeleteFileSystemPolicy DeleteVpcPeeringConnection RejectVpcPeeringConnection CreateResolverQueryLogConfig`,
  'access-analyzer': 'CreateAnalyzer StartResourceScan',
  cloudtrail: 'CreateEventDataStore RestoreEventDataStore StartEventDataStoreIngestion',
  config: 'PutConfigurationRecorder PutDeliveryChannel PutConfigRule PutOrganizationConfigRule PutConformancePack',
  detective: 'CreateGraph',
  eks: 'DeleteAccessEntry DisassociateAccessPolicy',
  guardduty: `CreateThreatIntelSet CreatePublishingDestination UnarchiveFindings EnableOrganizationAdminAccount
    CreateMalwareProtectionPlan StartMalwareScan StartMonitoringMembers DeleteFilter DeleteIPSet`,
  iam: `DeleteAccessKey DeleteLoginProfile DeleteUserPolicy DeleteGroupPolicy DetachUserPolicy DetachGroupPolicy
    RemoveUserFromGroup DeleteSSHPublicKey DeleteSigningCertificate DeleteServiceSpecificCredential DeleteSAMLProvider
    DeleteOpenIDConnectProvider RemoveClientIDFromOpenIDConnectProvider DeleteServerCertificate DeleteUser ResyncMFADevice`,
  inspector2: 'Enable',
  macie2: 'CreateClassificationJob EnableOrganizationAdminAccount',
  organizations: 'EnablePolicyType',
  redshift: 'EnableLogging',
  route53: 'CreateQueryLoggingConfig',
  ram: 'DeleteResourceShare DisassociateResourceShare',
  rolesanywhere: 'DeleteTrustAnchor DisableTrustAnchor DeleteProfile DisableProfile DisableCrl',
  securityhub: 'BatchEnableStandards EnableOrganizationAdminAccount EnableImportFindingsForProduct',
  sso: 'DeleteAccountAssignment DetachManagedPolicyFromPermissionSet DeleteInlinePolicyFromPermissionSet',
  wafv2: 'CreateWebACL PutLoggingConfiguration CreateIPSet CreateRuleGroup CreateRegexPatternSet',
});

/** Calls whose result stays within the account and gives nobody rights over others. */
export const isContained = namesIn({
  '*': `AddRoleToInstanceProfile AssociateRouteTable CreateAlias CreateDBSnapshot CreateDBClusterSnapshot CreateGroup
    CreateImage CreateInstanceProfile CreateKey CreateRouteTable CreateSecret CreateServiceLinkedRole CreateSnapshot
    CreateSnapshots CreateUser CreateVirtualMFADevice DeleteFunction DeleteGroup DeleteInstanceProfile DeletePolicy
    DeletePolicyVersion DeleteRole DeleteRolePolicy DeleteRoute DeleteRouteTable DeleteSnapshot DeregisterImage
    DetachRolePolicy DisassociateRouteTable EnableMFADevice PutImage PutParameter PutSecretValue RegisterImage
    RemoveRoleFromInstanceProfile UpdateAlias DeleteAlias AuthorizeSecurityGroupEgress DeleteBucketPolicy
    DeleteNetworkAclEntry DeleteKeyPair ImportKeyPair AcceptVpcPeeringConnection CreateBackup CreateBackupPlan
    CreateBackupSelection CreateBackupVault StartBackupJob UpdateBackupPlan UpdateContinuousBackups PutScalingPolicy
    CreateFunction PublishFunction PublishLayerVersion PutFunctionConcurrency PutFunctionEventInvokeConfig
    DeleteFunctionConcurrency DeleteFunctionEventInvokeConfig RequestCertificate DeleteCertificate ImportCertificate
    ResendValidationEmail CreateClusterSnapshot DeleteClusterSnapshot CreateHostedZone ModifySnapshotTier
    RenewCertificate UpdateCertificateOptions AddListenerCertificates RemoveListenerCertificates DeleteBackupSelection
    SetStackPolicy CreatePublicKey CreateLifecyclePolicy UpdateLifecyclePolicy CreateReplicationInstance
    CreateReplicationGroup ModifyReplicationGroup CreateReplicationTask CreateNetworkAcl DeleteNetworkAcl
    ReplaceNetworkAclAssociation CreateTransitGatewayRouteTable AssociateTransitGatewayRouteTable
    ReplaceRouteTableAssociation EnableVgwRoutePropagation DisableVgwRoutePropagation CreateVpnGateway DeleteVpnGateway
    DeleteVpnConnection EnableImage DisableImage EnableImageDeprecation DisableImageDeprecation
    EnableFastSnapshotRestores DisableFastSnapshotRestores PutBackupPolicy CreateUserDefinedFunction CreateImagePipeline
    CreateImageRecipe StartImagePipelineExecution UpdateFunctionEventInvokeConfig CreateInstanceSnapshot
    CreateSnapshotSchedule CreateFirewallPolicy DeleteBackup DeleteDBSnapshot DeleteDBClusterSnapshot`,
  'access-analyzer': 'StartPolicyGeneration CancelPolicyGeneration',
  account: 'PutAlternateContact PutContactInformation DeleteAlternateContact',
  cloudtrail: 'StartQuery CancelQuery CreateDashboard UpdateDashboard StartDashboardRefresh',
  // Opening the console's own shell hands it the credentials of whoever opens it.
  cloudshell: 'PutCredentials CreateSession CreateEnvironment StartEnvironment',
  // An application's visitors get the credentials that its visitors have.
  'cognito-identity': 'GetCredentialsForIdentity',
  'cognito-idp': `CreateUserPool CreateUserPoolClient CreateUserPoolDomain CreateResourceServer CreateGroup
    UpdateUserAttributes VerifyUserAttribute AssociateSoftwareToken VerifySoftwareToken SetUserMFAPreference`,
  config: `PutEvaluations PutExternalEvaluation StartConfigRulesEvaluation PutRetentionConfiguration DeliverConfigSnapshot
    PutConfigurationAggregator DeleteConfigurationAggregator PutStoredQuery PutResourceConfig DeleteEvaluationResults`,
  ecr: `PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy DeleteLifecyclePolicy BatchDeleteImage
    StartImageScan StartLifecyclePolicyPreview`,
  elasticloadbalancing: 'CreateLoadBalancerPolicy CreateAppCookieStickinessPolicy CreateLBCookieStickinessPolicy',
  cloudfront: 'CreateCachePolicy CreateOriginRequestPolicy CreateResponseHeadersPolicy UpdateFunction TestFunction',
  guardduty: 'CreateSampleFindings UpdateFindingsFeedback CreateMembers InviteMembers UpdateThreatIntelSet',
  iam: `UpdateRole UpdateRoleDescription UpdateUser UpdateGroup CreateAccountAlias DeleteAccountAlias
    UpdateAccountPasswordPolicy DeleteServiceLinkedRole UpdateSSHPublicKey UpdateServerCertificate UploadServerCertificate SetSecurityTokenServicePreferences`,
  identitystore: 'CreateUser UpdateUser DeleteUser CreateGroup UpdateGroup DeleteGroup DeleteGroupMembership',
  inspector2: 'CreateFindingsReport UpdateConfiguration',
  kms: 'ConnectCustomKeyStore SynchronizeMultiRegionKey UpdatePrimaryRegion ReplicateKey',
  macie2: 'CreateCustomDataIdentifier CreateAllowList UpdateClassificationJob',
  organizations: `CreateOrganizationalUnit UpdateOrganizationalUnit DeleteOrganizationalUnit AttachPolicy CreatePolicy
    CreateOrganization EnableAllFeatures`,
  securityhub: `BatchUpdateFindings BatchImportFindings CreateInsight UpdateInsight DeleteInsight CreateActionTarget
    CreateFindingAggregator UpdateFindingAggregator CreateMembers`,
  // Without a setting of its own a bucket is encrypted all the same since January 2023.
  s3: 'DeleteBucketEncryption',
  secretsmanager: `UpdateSecret RotateSecret CancelRotateSecret UpdateSecretVersionStage RemoveRegionsFromReplication
    StopReplicationToReplica`,
  sso: 'CreatePermissionSet UpdatePermissionSet ProvisionPermissionSet',
});

/** Labels and descriptions of things: nothing acts on them by itself. */
export const isLabelling = (name: string): boolean =>
  /^(?:Tag|Untag|AddTags|RemoveTags|ListTags)/.test(name) || /^Update\w*Descriptions?(?:Ingress|Egress)?$/.test(name);
