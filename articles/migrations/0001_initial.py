import articles.kinds
import articles.models.fields
import articles.models.photo
import articles.snapshot
import articles.workflow
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('reversion', '0002_add_index_on_version_for_content_type_and_db'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ConfidentialSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', articles.models.fields.SealedTextField()),
                ('contact', articles.models.fields.SealedTextField(blank=True, default='')),
                ('notes', articles.models.fields.SealedTextField(blank=True, default='')),
            ],
        ),
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', articles.models.fields.LineField(max_length=80)),
                ('slug', models.CharField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use small letters a to z, digits and single hyphens, as in drone-deal-italy.')])),
                ('role', models.CharField(choices=[('reported', 'Reported by'), ('edited', 'Edited by'), ('photographed', 'Photographs by'), ('translated', 'Translated by')], default='reported', max_length=12)),
                ('url', models.URLField(blank=True, help_text='A page about the author, if there is one.', verbose_name='page')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='author_slug_is_made_of_letters_digits_hyphens', violation_error_message='Use small letters a to z, digits and single hyphens, as in drone-deal-italy.'), models.CheckConstraint(condition=models.Q(('slug__in', ('about', 'api', 'changes', 'corrections', 'desk', 'feed', 'feeds', 'live', 'media', 'newsletters', 'report-an-error', 'revisions', 'robots.txt', 'search', 'since', 'sitemap.xml', 'static')), _negated=True), name='author_slug_is_not_a_word_of_the_site', violation_error_message='The site uses this word for a page of its own; choose another address.'), models.CheckConstraint(condition=models.Q(('url', ''), ('url__regex', '^https?://'), _connector='OR'), name='author_page_is_a_web_address', violation_error_message='A web address starts with https:// or http://.')],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(help_text="The last part of the story's address.", max_length=80, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use small letters a to z, digits and single hyphens, as in drone-deal-italy.')], verbose_name='address')),
                ('language', models.CharField(default='en-gb', help_text='A BCP 47 tag, as in en-gb or uk.', max_length=35)),
                ('kicker', articles.models.fields.LineField(blank=True, help_text="Left empty, the format's own.", max_length=40)),
                ('headline', articles.models.fields.PlainTextField(validators=[django.core.validators.MaxLengthValidator(300)])),
                ('lead', articles.models.fields.PlainTextField(blank=True, validators=[django.core.validators.MaxLengthValidator(5000)])),
                ('why_it_matters', articles.models.fields.PlainTextField(blank=True, help_text='The short one, under the key points.', validators=[django.core.validators.MaxLengthValidator(5000)])),
                ('share_text', articles.models.fields.PlainTextField(blank=True, help_text='Left empty, the headline.', validators=[django.core.validators.MaxLengthValidator(1000)])),
                ('byline', models.ManyToManyField(blank=True, related_name='stories', to='articles.author')),
            ],
            options={
                'verbose_name': 'story',
                'verbose_name_plural': 'stories',
                'ordering': ['-pk'],
                'permissions': [('publish_article', 'Can publish'), ('withdraw_article', 'Can withdraw'), ('work_on_every_topic', 'Can work on the stories of every topic')],
            },
        ),
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('original', articles.models.photo.OriginalField(editable=False, height_field='height', storage=articles.models.photo.originals, upload_to='', width_field='width')),
                ('width', models.PositiveIntegerField(editable=False)),
                ('height', models.PositiveIntegerField(editable=False)),
                ('title', articles.models.fields.LineField(help_text='What the desk calls it; readers never see this.', max_length=120)),
                ('credit', articles.models.fields.LineField(help_text='Readers see “Photo: ” and this; write “Illustration: ” and a name for what is no photo.', max_length=120)),
                ('licence', articles.models.fields.LineField(blank=True, max_length=120)),
                ('expires_on', models.DateField(blank=True, help_text='The last day it may be shown.', null=True, verbose_name='licence ends on')),
                ('focal_x', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MaxValueValidator(100, 'The focal point is a percentage: 0 to 100.')], verbose_name='focal point, % from left')),
                ('focal_y', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MaxValueValidator(100, 'The focal point is a percentage: 0 to 100.')], verbose_name='focal point, % from top')),
                ('uploaded_at', models.DateTimeField(auto_now_add=True)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, help_text='When to make its renditions; empty when done.', null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('failure', models.TextField(blank=True, editable=False, help_text='Why there are no renditions.')),
            ],
            options={
                'ordering': ['-uploaded_at'],
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='photo_is_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('focal_x__lte', 100), ('focal_y__lte', 100)), name='photo_focal_point_is_inside_the_picture')],
            },
        ),
        migrations.CreateModel(
            name='PhotoUse',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('alt', articles.models.fields.LineField(help_text='What the picture shows, for those who cannot see it.', max_length=300, verbose_name='alternative text')),
                ('caption', articles.models.fields.PlainTextField(blank=True)),
                ('crop', models.CharField(choices=[('16/9', 'Wide (16:9)'), ('3/2', 'Classic (3:2)'), ('1/1', 'Square')], default='3/2', max_length=4)),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='photo_use', to='articles.article')),
                ('photo', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='articles.photo')),
            ],
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('first', 'First report'), ('development', 'New development'), ('tightened', 'Tightened'), ('correction', 'Correction'), ('clarification', 'Clarification'), ('typo', 'Typo'), ('reconfirmed', 'Re-confirmed'), ('settled', 'Settled'), ('reopened', 'Reopened'), ('withdrawn', 'Withdrawn')], max_length=13)),
                ('note', models.TextField(blank=True)),
                ('headline', models.TextField()),
                ('lead', models.TextField(blank=True)),
                ('pace', models.CharField(choices=[('developing', 'developing'), ('settled', 'settled')], max_length=10)),
                ('snapshot', models.TextField(help_text='Canonical JSON (RFC 8785) of the public fields.')),
                ('content_hash', models.CharField(max_length=64)),
                ('chain_hash', models.CharField(max_length=64)),
                ('by_name', models.CharField(max_length=150)),
                ('published_at', models.DateTimeField()),
                ('first_published_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField(help_text='When the newest substantive change was published.')),
                ('confirmed_at', models.DateTimeField(help_text='When the story was last confirmed to stand.')),
                ('changes', models.JSONField(default=list, help_text='What changed since the edition before; a cache.')),
                ('private_note', models.TextField(blank=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='articles.article')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='editions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'edition',
                'ordering': ['article', '-number'],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('correction', 'Correction'), ('clarification', 'Clarification')], max_length=13)),
                ('wrong', articles.models.fields.PlainTextField(verbose_name='what was wrong')),
                ('right', articles.models.fields.PlainTextField(verbose_name='what is right')),
                ('first_wrong', models.PositiveIntegerField(verbose_name='first wrong edition')),
                ('last_wrong', models.PositiveIntegerField(verbose_name='last wrong edition')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='articles.article')),
                ('supersedes', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='superseded_by', to='articles.correction')),
                ('revision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='articles.revision')),
            ],
            options={
                'ordering': ['article', '-revision__number'],
            },
        ),
        migrations.CreateModel(
            name='SavedState',
            fields=[
                ('revision', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='saved_state', serialize=False, to='reversion.revision')),
                ('version', models.PositiveIntegerField(help_text="The desk's version after this save.")),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_states', to='articles.article')),
                ('edition', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='saved_state', to='articles.revision')),
            ],
            options={
                'ordering': ['-version'],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('heading', articles.models.fields.LineField(max_length=120)),
                ('body', articles.models.fields.RichTextField(blank=True)),
                ('role', models.CharField(choices=[('development', 'Development'), ('context', 'Context')], default=articles.snapshot.SectionRole['DEVELOPMENT'], max_length=11)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='articles.article')),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('publisher', articles.models.fields.LineField(max_length=120)),
                ('title', articles.models.fields.LineField(blank=True, max_length=300)),
                ('url', models.URLField(blank=True, max_length=1000, verbose_name='address')),
                ('kind', models.CharField(choices=[('wire', 'News agency'), ('official', 'Official'), ('party', 'Party to the event'), ('eyewitness', 'Eyewitness'), ('document', 'Document'), ('own', 'Own reporting')], default='wire', max_length=10)),
                ('language', models.CharField(default='en', help_text='A BCP 47 tag, as in en or uk.', max_length=35)),
                ('published_on', models.DateField(blank=True, null=True)),
                ('accessed_on', models.DateField(blank=True, null=True)),
                ('archived_url', models.URLField(blank=True, max_length=1000, verbose_name='archived copy')),
            ],
            options={
                'ordering': ['publisher', 'title'],
                'constraints': [models.CheckConstraint(condition=models.Q(('url', ''), ('url__regex', '^https?://'), _connector='OR'), name='source_address_is_a_web_address', violation_error_message='A web address starts with https:// or http://.'), models.CheckConstraint(condition=models.Q(('archived_url', ''), ('archived_url__regex', '^https?://'), _connector='OR'), name='source_archive_is_a_web_address', violation_error_message='A web address starts with https:// or http://.'), models.UniqueConstraint(condition=models.Q(('url', ''), _negated=True), fields=('url',), name='source_address_is_listed_once', violation_error_message='A source with this address exists already; choose that one.')],
            },
        ),
        migrations.CreateModel(
            name='Citation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('is_primary', models.BooleanField(default=False, verbose_name='primary')),
                ('supports', articles.models.fields.LineField(blank=True, help_text='What it supports, in a few words.', max_length=200)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='articles.article')),
                ('confidential_source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='citations', to='articles.confidentialsource')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='citations', to='articles.source')),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StoryFormat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use small letters a to z, digits and single hyphens, as in drone-deal-italy.')])),
                ('name', articles.models.fields.LineField(max_length=60, unique=True)),
                ('kicker', articles.models.fields.LineField(max_length=40)),
                ('note', articles.models.fields.PlainTextField(help_text='What readers see under “How this page is kept”.')),
                ('headings', articles.models.fields.PlainTextField(blank=True, help_text='The sections a new story starts with, one a line; begin a line with > for context.')),
                ('headline_characters', models.PositiveSmallIntegerField(default=80)),
                ('lead_words', models.PositiveSmallIntegerField(default=45)),
                ('key_point_count', models.PositiveSmallIntegerField(default=6, verbose_name='key points')),
                ('context_percent', models.PositiveSmallIntegerField(default=35, help_text='The largest share of the body that context may take.')),
                ('stale_hours', models.PositiveSmallIntegerField(default=24, help_text='Hours after which a key point wants confirming again.')),
                ('check_levels', models.JSONField(blank=True, default=dict, help_text='How strict each check is, where it differs from what is usual.')),
                ('saved_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='format_slug_is_made_of_letters_digits_hyphens', violation_error_message='Use small letters a to z, digits and single hyphens, as in drone-deal-italy.'), models.CheckConstraint(condition=models.Q(('slug__in', ('about', 'api', 'changes', 'corrections', 'desk', 'feed', 'feeds', 'live', 'media', 'newsletters', 'report-an-error', 'revisions', 'robots.txt', 'search', 'since', 'sitemap.xml', 'static')), _negated=True), name='format_slug_is_not_a_word_of_the_site', violation_error_message='The site uses this word for a page of its own; choose another address.'), models.CheckConstraint(condition=models.Q(('context_percent__lte', 100)), name='format_context_is_a_percentage')],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='format',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stories', to='articles.storyformat'),
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]+(-[a-z0-9]+)*$', 'Use small letters a to z, digits and single hyphens, as in drone-deal-italy.')])),
                ('name', articles.models.fields.LineField(max_length=60, unique=True)),
                ('description', articles.models.fields.PlainTextField(blank=True)),
                ('saved_at', models.DateTimeField(auto_now=True)),
                ('members', models.ManyToManyField(blank=True, help_text='Reporters who may work on its stories. Nobody chosen means every reporter.', related_name='topics', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='FormerAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=80)),
                ('left_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='former_addresses', to='articles.article')),
                ('topic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='former_addresses', to='articles.topic')),
            ],
        ),
        migrations.AddField(
            model_name='article',
            name='topic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stories', to='articles.topic'),
        ),
        migrations.CreateModel(
            name='UnsavedText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tabs', models.JSONField(default=dict, help_text="By the browser's tab: when it was sent, and the fields of its page.")),
                ('sent_at', models.DateTimeField(auto_now=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unsaved_texts', to='articles.article')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unsaved_texts', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Desk',
            fields=[
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='desk', serialize=False, to='articles.article')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('ready', 'Ready')], default=articles.workflow.Status['DRAFT'], max_length=9)),
                ('version', models.PositiveIntegerField(default=0, editable=False, help_text='Counts the saves, so that a stale form is recognised.')),
                ('pin', models.PositiveSmallIntegerField(blank=True, help_text='1 is first on the front page; empty leaves the order to time.', null=True)),
                ('pinned_until', models.DateTimeField(blank=True, null=True)),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assigned_stories', to=settings.AUTH_USER_MODEL)),
                ('base_edition', models.OneToOneField(editable=False, help_text='The newest edition, which the working copy continues.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='desk', to='articles.revision')),
            ],
        ),
        migrations.CreateModel(
            name='KeyPoint',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('text', articles.models.fields.PlainTextField()),
                ('verification', models.CharField(choices=[('confirmed', 'Confirmed'), ('reported', 'Reported'), ('disputed', 'Disputed'), ('unconfirmed', 'Unconfirmed'), ('withdrawn', 'Withdrawn')], default=articles.snapshot.Verification['REPORTED'], max_length=11)),
                ('as_of', models.DateTimeField(default=django.utils.timezone.now, help_text='When this was last known to be so.')),
                ('reason', articles.models.fields.LineField(blank=True, help_text='Why it was withdrawn.', max_length=200)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='key_points', to='articles.article')),
                ('citations', models.ManyToManyField(blank=True, related_name='key_points', to='articles.citation')),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('article', 'position'), name='keypoint_has_its_own_position'), models.CheckConstraint(condition=models.Q(('text__regex', '\\S')), name='key_point_says_something', violation_error_message='A key point needs words.'), models.CheckConstraint(condition=models.Q(models.Q(('verification', articles.snapshot.Verification['WITHDRAWN']), _negated=True), ('reason__regex', '\\S'), _connector='OR'), name='withdrawn_key_point_says_why', violation_error_message='Say why this key point is withdrawn; readers see the reason.')],
            },
        ),
        migrations.AddIndex(
            model_name='revision',
            index=models.Index(fields=['-updated_at'], name='edition_by_last_change'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(fields=('article', 'number'), name='edition_number_is_used_once'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', articles.kinds.Kind['FIRST']), ('number', 1)), models.Q(('number__gt', 1), models.Q(('kind', articles.kinds.Kind['FIRST']), _negated=True)), _connector='OR'), name='edition_one_is_the_first_report'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(('first_wrong__gte', 1), ('last_wrong__gte', models.F('first_wrong'))), name='correction_names_a_range_of_editions'),
        ),
        migrations.AddConstraint(
            model_name='savedstate',
            constraint=models.UniqueConstraint(fields=('article', 'version'), name='saved_state_has_its_own_version'),
        ),
        migrations.AddConstraint(
            model_name='section',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('article', 'position'), name='section_has_its_own_position'),
        ),
        migrations.AddConstraint(
            model_name='citation',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('article', 'position'), name='citation_has_its_own_position'),
        ),
        migrations.AddConstraint(
            model_name='citation',
            constraint=models.CheckConstraint(condition=models.Q(('source', None), ('confidential_source', None), _connector='XOR'), name='citation_names_one_source', violation_error_message='Choose a source, or a confidential source, and only one of them.'),
        ),
        migrations.AddConstraint(
            model_name='citation',
            constraint=models.UniqueConstraint(fields=('article', 'source'), name='story_cites_a_source_once', violation_error_message='This story cites that source already.'),
        ),
        migrations.AddConstraint(
            model_name='topic',
            constraint=models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='topic_slug_is_made_of_letters_digits_hyphens', violation_error_message='Use small letters a to z, digits and single hyphens, as in drone-deal-italy.'),
        ),
        migrations.AddConstraint(
            model_name='topic',
            constraint=models.CheckConstraint(condition=models.Q(('slug__in', ('about', 'api', 'changes', 'corrections', 'desk', 'feed', 'feeds', 'live', 'media', 'newsletters', 'report-an-error', 'revisions', 'robots.txt', 'search', 'since', 'sitemap.xml', 'static')), _negated=True), name='topic_slug_is_not_a_word_of_the_site', violation_error_message='The site uses this word for a page of its own; choose another address.'),
        ),
        migrations.AddConstraint(
            model_name='formeraddress',
            constraint=models.CheckConstraint(condition=models.Q(('article', None), ('topic', None), _connector='XOR'), name='former_address_is_of_a_story_or_a_topic'),
        ),
        migrations.AddConstraint(
            model_name='formeraddress',
            constraint=models.UniqueConstraint(condition=models.Q(('topic', None)), fields=('slug',), name='former_story_address_is_one_storys'),
        ),
        migrations.AddConstraint(
            model_name='formeraddress',
            constraint=models.UniqueConstraint(condition=models.Q(('article', None)), fields=('slug',), name='former_topic_address_is_one_topics'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='story_slug_is_made_of_letters_digits_hyphens', violation_error_message='Use small letters a to z, digits and single hyphens, as in drone-deal-italy.'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('slug__in', ('about', 'api', 'changes', 'corrections', 'desk', 'feed', 'feeds', 'live', 'media', 'newsletters', 'report-an-error', 'revisions', 'robots.txt', 'search', 'since', 'sitemap.xml', 'static')), _negated=True), name='story_slug_is_not_a_word_of_the_site', violation_error_message='The site uses this word for a page of its own; choose another address.'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('headline__regex', '\\S')), name='story_has_a_headline', violation_error_message='A story needs a headline.'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('headline'), 300), name='story_headline_has_300_characters_at_most'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('lead'), 5000), name='story_lead_has_5000_characters_at_most'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('language__regex', '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$')), name='story_language_is_a_bcp_47_tag', violation_error_message='Write the language as a tag such as en, en-gb or uk.'),
        ),
        migrations.AddConstraint(
            model_name='unsavedtext',
            constraint=models.UniqueConstraint(fields=('article', 'user'), name='unsaved_text_is_one_row_an_editor_and_story'),
        ),
        migrations.AddConstraint(
            model_name='desk',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('pin',), name='pin_is_given_once'),
        ),
        migrations.RunSQL(
            sql="""
            CREATE FUNCTION edition_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    OLD.changes := NEW.changes;
                    IF NEW IS NOT DISTINCT FROM OLD THEN
                        RETURN NEW;
                    END IF;
                END IF;
                RAISE EXCEPTION 'An edition is never changed or deleted.';
            END $$;
            CREATE TRIGGER edition_is_for_ever BEFORE UPDATE OR DELETE ON articles_revision
                FOR EACH ROW EXECUTE FUNCTION edition_is_for_ever();

            CREATE FUNCTION edition_numbers_have_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.number <> 1 + (
                    SELECT coalesce(max(number), 0) FROM articles_revision WHERE article_id = NEW.article_id
                ) THEN
                    RAISE EXCEPTION 'Edition % does not follow the newest edition.', NEW.number;
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER edition_numbers_have_no_gap BEFORE INSERT ON articles_revision
                FOR EACH ROW EXECUTE FUNCTION edition_numbers_have_no_gap();

            CREATE FUNCTION correction_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'A correction is never changed or deleted; write a newer one.';
            END $$;
            CREATE TRIGGER correction_is_for_ever BEFORE UPDATE OR DELETE ON articles_correction
                FOR EACH ROW EXECUTE FUNCTION correction_is_for_ever();
            """,
            reverse_sql="""
            DROP TRIGGER correction_is_for_ever ON articles_correction;
            DROP TRIGGER edition_numbers_have_no_gap ON articles_revision;
            DROP TRIGGER edition_is_for_ever ON articles_revision;
            DROP FUNCTION correction_is_for_ever, edition_numbers_have_no_gap, edition_is_for_ever;
            """,
        ),
        migrations.RunSQL(
            sql="""
            CREATE FUNCTION story_address_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM articles_formeraddress WHERE slug = NEW.slug AND article_id <> NEW.id) THEN
                    RAISE EXCEPTION 'Another story had the address %.', NEW.slug USING ERRCODE = 'unique_violation',
                        CONSTRAINT = 'story_address_was_never_another_storys';
                END IF;
                IF TG_OP = 'UPDATE' AND NEW.slug <> OLD.slug THEN
                    INSERT INTO articles_formeraddress (slug, article_id) VALUES (OLD.slug, OLD.id)
                        ON CONFLICT DO NOTHING;
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER story_address_is_kept AFTER INSERT OR UPDATE OF slug ON articles_article
                FOR EACH ROW EXECUTE FUNCTION story_address_is_kept();

            CREATE FUNCTION topic_address_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM articles_formeraddress WHERE slug = NEW.slug AND topic_id <> NEW.id) THEN
                    RAISE EXCEPTION 'Another topic had the address %.', NEW.slug USING ERRCODE = 'unique_violation',
                        CONSTRAINT = 'topic_address_was_never_another_topics';
                END IF;
                IF TG_OP = 'UPDATE' AND NEW.slug <> OLD.slug THEN
                    INSERT INTO articles_formeraddress (slug, topic_id) VALUES (OLD.slug, OLD.id)
                        ON CONFLICT DO NOTHING;
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER topic_address_is_kept AFTER INSERT OR UPDATE OF slug ON articles_topic
                FOR EACH ROW EXECUTE FUNCTION topic_address_is_kept();
            """,
            reverse_sql="""
            DROP TRIGGER story_address_is_kept ON articles_article;
            DROP TRIGGER topic_address_is_kept ON articles_topic;
            DROP FUNCTION story_address_is_kept, topic_address_is_kept;
            """,
        ),
    ]
